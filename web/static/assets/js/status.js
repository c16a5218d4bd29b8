// The words around the table: trouble above it, nothing in it, counts and the last change below it.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { connectionState } from "./chrome.js";
import { Unreachable } from "./http.js";
import { icon } from "./icons.js";
import { ago, clock, count, plural } from "./times.js";
import { filtered } from "./view.js";

/** Milliseconds without a connection after which the list says so: most are back before. */
export const OFFLINE_SHOWN = 1500;

/** parts: {list, live, rereading}. */
export function strip({ list, live, rereading }) {
  const { error } = list;
  if (live.lostAt && !error && Date.now() - live.lostAt > OFFLINE_SHOWN)
    return html`<div class="strip bad" role="status">
      ${icon("warn")}<span>No connection since ${clock(live.lostAt)}. Nothing that happens meanwhile will be missed.</span
      ><button type="button" class="link" @click=${() => live.reconnect()}>Try now</button>
    </div>`;
  if (error)
    return html`<div class="strip bad" role="alert">
      ${icon("warn")}<span>${error instanceof Unreachable ? "The server cannot be reached. Trying again…" : error.message}</span>${error.status >= 500 || !error.status ? html`<button type="button" class="link" @click=${() => list.retryNow?.()}>Try now</button>` : ""}
    </div>`;
  if (rereading) return html`<div class="strip" role="status">${icon("undo")}<span>Reading the list again: ${rereading}.</span></div>`;
  if (connectionState(live) === "degraded")
    return html`<div class="strip warn" role="status">
      ${icon("warn")}<span>Changes are arriving late. What you read and save goes to MongoDB and is right.</span>
    </div>`;
  return "";
}

/** parts: {view, search(text), clear(), create(), choose()}. */
export function emptyList({ view, search, clear, create, choose }) {
  if (view.prefix && !view.q)
    return html`<div class="empty">
      <p><b>Nothing found.</b></p>
      <p>
        No name begins with “<bdi>${view.prefix}</bdi>”.
        <button type="button" class="link" @click=${() => search(view.prefix)}>Look for whole words in names and notes</button>
      </p>
    </div>`;
  if (filtered(view))
    return html`<div class="empty">
      <p><b>Nothing found.</b></p>
      <p><button type="button" class="link" @click=${clear}>Clear search and filters</button></p>
    </div>`;
  return html`<div class="empty">
    ${icon("people")}
    <p><b>No contacts in “${view.workspace}” yet.</b></p>
    <p>Add one, drop a CSV or vCard file here, or insert one in mongosh: it appears by itself.</p>
    <p class="choices">
      <button type="button" class="primary" @click=${create}>${icon("plus")}New contact</button
      ><button type="button" @click=${choose}>${icon("upload")}Import a file</button>
    </p>
  </div>`;
}

/** parts: {known, read, loaded, last}: the count if it is known, the rows read so far, and the last change. */
export function statusLine({ known, read, loaded, last }) {
  const shown = known === undefined ? `${count(read)}+ contacts` : plural(known, "contact");
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
            >${source}<b><bdi>${last.name}</bdi></b> ${last.verb} <time class="wide">${ago(last.at)}</time></span
          >`
        : html`<span class="last wide">Edit in mongosh and watch this list. <a href="/inspect">See how it travels</a></span>`
    }
  </div>`;
}
