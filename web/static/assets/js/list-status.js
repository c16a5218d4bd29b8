// The hint in an empty table, and the line with count and last change below it.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { formatCount, plural, timeAgo } from "./format.js";
import { icon } from "./icons.js";
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
      <p><b>Found in notes only, see below.</b></p>
    </div>`;
  if (isFiltered(view))
    return html`<div class="empty">
      <p><b>Nothing found${view.q ? html` for “<bdi>${view.q}</bdi>”` : ""}.</b></p>
      ${view.q ? html`<p>Every word has to be the beginning of a word of the contact. Check the spelling, or type fewer words.</p>` : ""}
      <p><button type="button" class="link" @click=${clear}>Clear search and filters</button></p>
    </div>`;
  return html`<div class="empty">
    ${icon("people")}
    <p><b>No contacts in “${view.workspace}” yet.</b></p>
    <p>Add one, drop a file of contacts here, or insert one with mongosh: it appears here at once.</p>
    <p class="choices">
      <button type="button" class="primary" @click=${() => create()}>${icon("plus")}New contact</button
      ><button type="button" @click=${() => openImport()}>${icon("upload")}Import a file</button>
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
 */

/** @param {StatusProps} props */
export function statusLine({ total, rowCount, loaded, partial, ranked, last }) {
  const count = total === undefined ? `${formatCount(rowCount)}+ contacts` : plural(total, "contact");
  const shown = `${count}${ranked && rowCount > 1 ? ", best hits first" : ""}${partial ? ", still searching…" : ""}`;
  const source =
    last?.source &&
    html`<span class="source ${last.source}"
      >${icon(last.source === "direct" ? "leaf" : "bolt")}${last.source === "direct" ? "MongoDB" : "API"}</span
    >`;
  return html`<div class="status">
    <span id="count">${loaded ? shown : "Loading…"}</span>
    ${
      last
        ? html`<span class="last" title=${last.changed?.length ? `Changed: ${last.changed.join(", ")}` : nothing}
            >${source}<b><bdi>${last.name}</bdi></b> ${last.verb} <time class="wide">${timeAgo(last.at)}</time></span
          >`
        : html`<span class="last wide"
            >Edit a contact with mongosh and watch this list. <a href="/inspect">See how a change travels</a></span
          >`
    }
  </div>`;
}
