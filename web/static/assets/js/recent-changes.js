// What happened recently: highlighted rows, rows that fade out, the last change in words, and a sentence
// for screen readers.

import { t } from "./texts.js";

const HIGHLIGHT_TIME = 1400;
const FADE_TIME = 420;
const MAX_LEAVING = 40; // when more rows leave at once, they do not fade
const MAX_HIGHLIGHTS = 3000;
const ANNOUNCE_DELAY = 1500; // between two sentences for screen readers

const verbs = /** @type {const} */ ({ "contact:created": "added", "contact:updated": "changed", "contact:deleted": "deleted" });

/** @typedef {{name: string, verb: "added" | "changed" | "deleted", source?: string, at?: string, changed?: string[]}} LastChange */

/**
 * Whether an event only says where a contact now belongs in lists: its fields are as they were.
 *
 * @param {ContactEvent} event
 */
export const isOnlyDerived = ({ event, changed }) => event === "contact:updated" && changed?.length === 0;

export class RecentChanges {
  /** By contact id. @type {Map<string, RowHighlight>} */
  highlights = new Map();
  /** @type {LeavingRow[]} */
  leavingRows = [];
  /** @type {LastChange | null} */
  last = null;
  /** The sentence for screen readers. */
  announcement = "";

  /** @type {() => void} */
  #requestRender;
  #unannounced = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #announceTimer;

  /** @param {() => void} requestRender */
  constructor(requestRender) {
    this.#requestRender = requestRender;
  }

  /**
   * Highlights the row of a contact for a moment.
   *
   * @param {string} id
   * @param {ContactEvent} event
   */
  highlight(id, event) {
    const turn = (this.highlights.get(id)?.turn ?? 0) + 1; // alternates two equal animations, so that it restarts
    /** @type {RowHighlight} */
    const highlight = {
      source: event.source === "direct" ? "direct" : "api",
      verb: verbs[event.event],
      changed: event.changed ?? [],
      turn,
    };
    if (this.highlights.size > MAX_HIGHLIGHTS) this.highlights.clear();
    this.highlights.set(id, highlight);
    setTimeout(() => {
      if (this.highlights.get(id) !== highlight) return;
      this.highlights.delete(id);
      this.#requestRender();
    }, HIGHLIGHT_TIME);
  }

  /**
   * Shows a deleted row while it fades out.
   *
   * @param {LeavingRow} row
   */
  fadeOut(row) {
    if (this.leavingRows.length > MAX_LEAVING) return;
    this.leavingRows.push(row);
    setTimeout(() => {
      this.leavingRows = this.leavingRows.filter((other) => other !== row);
      this.#requestRender();
    }, FADE_TIME);
  }

  /**
   * Keeps an event as the last change and announces it soon, together with others.
   *
   * @param {ContactEvent} event
   */
  announce(event) {
    if (!event.contact) return;
    const last = {
      name: event.contact.fullName || t.list.aContact,
      verb: verbs[event.event],
      source: event.source,
      at: event.at,
      changed: event.changed,
    };
    this.last = last;
    this.#unannounced++;
    if (this.#announceTimer) return;
    this.#announceTimer = setTimeout(() => {
      this.announcement = this.#sentence(this.last ?? last);
      this.#unannounced = 0;
      this.#announceTimer = undefined;
      this.#requestRender();
    }, ANNOUNCE_DELAY);
  }

  /** @param {LastChange} last */
  #sentence({ name, verb, source }) {
    if (this.#unannounced > 1) return t.list.announceMany(this.#unannounced);
    return t.list.announce(name, t.list.verbs[verb], source === "direct");
  }
}
