// The one change that the diagram shows. In a burst the diagram would flicker, so it stays with a change until its job has
// ended, or for a few seconds.

import { isFinished } from "./trace.js";

const MIN_SHOWN = 1500; // milliseconds
const MAX_SHOWN = 5000;

export class FollowedChange {
  /** @type {TraceEntry | null} */
  entry = null;
  /** How often the diagram began to show another change. */
  count = 0;

  /** @type {() => void} */
  #requestRender;
  #shownAt = 0;
  /** The newest change, which is shown next. @type {TraceEntry | null} */
  #next = null;
  /** The change that the person chose to follow. @type {TraceEntry | null} */
  #pinned = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} requestRender */
  constructor(requestRender) {
    this.#requestRender = requestRender;
  }

  /** A change has come. @param {TraceEntry} entry */
  offer(entry) {
    this.#next = entry;
    this.#advance();
  }

  /** Shows the change that the person chose, until another or none is chosen. @param {TraceEntry | null} entry */
  pin(entry) {
    this.#pinned = entry;
    if (entry) this.#show(entry);
    else this.#advance();
  }

  #advance() {
    if (this.#pinned || !this.#next) return;
    const shown = Date.now() - this.#shownAt;
    if (!this.entry || shown > MAX_SHOWN || (shown > MIN_SHOWN && isFinished(this.entry))) this.#show(this.#next);
    else {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#advance(), MIN_SHOWN);
    }
  }

  /** @param {TraceEntry} entry */
  #show(entry) {
    if (entry === this.#next) this.#next = null;
    if (entry !== this.entry) this.count++;
    this.entry = entry;
    this.#shownAt = Date.now();
    this.#requestRender();
  }
}
