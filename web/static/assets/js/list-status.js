// The hint in an empty table, and the line with count and last change below it.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { fieldLabel } from "./contact-fields.js";
import { formatList, timeAgo } from "./format.js";
import { icon } from "./icons.js";
import { formatCount } from "./plural.js";
import { t } from "./texts.js";
import { isFiltered } from "./view.js";

/** @import { LastChange } from "./recent-changes.js" */

/**
 * @typedef {object} EmptyListProps
 * @property {View} view
 * @property {boolean} inNotes the words of the search are in the notes of contacts, which are shown below
 * @property {() => void} clear removes search and filters
 * @property {() => void} create
 * @property {() => void} openImport
 */

/** @param {EmptyListProps} props */
export function emptyList({ view, inNotes, clear, create, openImport }) {
  if (inNotes)
    return html`<div class="empty">
      <p><b>${t.list.inNotesOnly}</b></p>
    </div>`;
  if (isFiltered(view))
    return html`<div class="empty">
      <p><b>${view.q ? t.list.nothingFoundFor(html`<bdi>${view.q}</bdi>`) : t.list.nothingFound}</b></p>
      ${view.q ? html`<p>${t.list.searchAdvice}</p>` : ""}
      <p><button type="button" class="link" @click=${clear}>${t.list.clearAll}</button></p>
    </div>`;
  return html`<div class="empty">
    ${icon("people")}
    <p><b>${t.list.noContacts(view.workspace)}</b></p>
    <p>${t.list.howToAdd}</p>
    <p class="choices">
      <button type="button" class="primary" @click=${() => create()}>${icon("plus")}${t.toolbar.newContact}</button
      ><button type="button" @click=${() => openImport()}>${icon("upload")}${t.list.importFile}</button>
    </p>
  </div>`;
}

/**
 * @typedef {object} StatusProps
 * @property {number | undefined} total if it is known
 * @property {number} rowCount how many rows have been read
 * @property {boolean} loaded
 * @property {boolean} partial the server is still searching
 * @property {boolean} ranked the best hits of a search come first
 * @property {LastChange | null} last
 * @property {number} unsaved how many edits were left without saving
 * @property {() => void} resume goes back to the last of them
 */

/** @param {StatusProps} props */
export function statusLine({ total, rowCount, loaded, partial, ranked, last, unsaved, resume }) {
  const count = total === undefined ? t.list.atLeast(formatCount(rowCount)) : t.common.contacts(total);
  const shown = [count, ranked && rowCount > 1 && t.list.bestFirst, partial && t.list.stillSearching].filter(Boolean).join(", ");
  const source =
    last?.source &&
    html`<span class="source ${last.source}"
      >${icon(last.source === "direct" ? "leaf" : "bolt")}${last.source === "direct" ? "MongoDB" : "API"}</span
    >`;
  return html`<div class="status">
    <span id="count">${loaded ? shown : t.common.loading}</span>
    ${unsaved ? html`<button type="button" class="link unsaved" title="${t.panel.unsavedTitle} (R)" @click=${resume}>${t.panel.unsaved(unsaved)}</button>` : ""}
    ${
      last
        ? html`<span class="last" title=${last.changed?.length ? t.list.changedFields(formatList(last.changed.map(fieldLabel))) : nothing}
            >${source}<b><bdi>${last.name}</bdi></b> ${t.list.verbs[last.verb]} <time class="wide">${timeAgo(last.at)}</time></span
          >`
        : html`<span class="last wide">${t.list.tryMongosh} <a href="/inspect">${t.list.seePipeline}</a></span>`
    }
  </div>`;
}
