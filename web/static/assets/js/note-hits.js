// Contacts whose notes have the words of the search. The list does not search notes, so they are shown below it.

import { html } from "../vendor/lit/lit-html.js";
import { searchWords, snippet } from "./highlight.js";
import { onPlainClick, viewAddress } from "./links.js";
import { marked } from "./marked.js";
import { t } from "./texts.js";
import { filterQuery } from "./view.js";

/** @import { Api } from "./http.js" */

const LIMIT = 20; // hits that are shown
const READ = 100; // hits that are read, because those in names come first
const DELAY = 300; // after the last change of the search or of a contact, in milliseconds

/**
 * @typedef {object} NoteHitsConfig
 * @property {() => Api} api
 * @property {() => View} view
 * @property {() => MaybePosition} minPosition
 * @property {(id: string) => void} open
 * @property {() => void} requestRender
 */

export class NoteHits {
  /** @type {NoteHitsConfig} */
  #config;
  /** The path that was read, and the part of the notes with the words. @type {{path: string, hits: {contact: Contact, text: string}[]}} */
  #read = { path: "", hits: [] };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {NoteHitsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** Reads soon. */
  scheduleRead() {
    clearTimeout(this.#timer);
    if (this.#config.view().q) this.#timer = setTimeout(() => this.#load(), DELAY);
  }

  #path() {
    const view = this.#config.view();
    const p = filterQuery(view);
    p.set("q", view.q);
    p.set("limit", String(READ));
    return `/contacts/search?${p}`;
  }

  async #load() {
    const { api, view, minPosition, requestRender } = this.#config;
    const path = this.#path();
    const words = searchWords(view().q);
    try {
      const { body } = await api().get(path, { minPosition: minPosition() });
      const hits = body.items.flatMap((/** @type {Contact} */ contact) => {
        const text = snippet(contact.notes ?? "", words);
        return text ? [{ contact, text }] : [];
      });
      this.#read = { path, hits };
      requestRender();
    } catch {
      if (this.#read.path !== path) this.#read = { path, hits: [] }; // the list tells what is wrong
    }
  }

  /** The first hit; null if it is not known yet, undefined if there is none. @returns {Contact | null | undefined} */
  get first() {
    if (!this.#config.view().q) return undefined;
    return this.#read.path === this.#path() ? this.#read.hits[0]?.contact : null;
  }

  /** @param {Map<string, Row>} rows those of the list, which are not shown again */
  render(rows) {
    const { view, open } = this.#config;
    const { q } = view();
    if (!q || this.#read.path !== this.#path()) return "";
    const words = searchWords(q);
    const hits = this.#read.hits.filter(({ contact }) => !rows.has(contact.id)).slice(0, LIMIT);
    if (!hits.length) return "";
    return html`<section class="note-hits" aria-labelledby="note-hits-title">
      <h2 id="note-hits-title">${t.list.inNotes}</h2>
      <ul>
        ${hits.map(
          ({ contact, text }) =>
            html`<li>
              <a href=${viewAddress(view(), { contact: contact.id })} @click=${onPlainClick(() => open(contact.id))}
                ><b dir="auto">${contact.fullName || t.common.noName}</b><span dir="auto">${marked(text, words)}</span></a
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }
}
