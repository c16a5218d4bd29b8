// Reads the pages of a view into a ListWindow: those that hold the rows in sight. The previous window stays on screen while the
// next one is being read.

import { Unreachable } from "./http.js";
import { ListWindow } from "./list-window.js";
import { backoff } from "./room-socket.js";
import { listPath } from "./view.js";

/** @import { Api } from "./http.js" */

const PAGE_SIZE = 200;
const ROWS_AROUND = 60; // read before and after the rows in sight
const MAX_SOUGHT = 5000; // rows that are read to find one contact

/** @typedef {{first: number, last: number}} Range of rows; both are included */

/**
 * Rows that have to be there whatever is in sight.
 *
 * @typedef {object} Hold
 * @property {() => Range | null} range may change with each page that is read; null: no row is needed any more
 * @property {() => void} onRead is called when the rows are there
 */

/**
 * @typedef {object} ListConfig
 * @property {Api} api
 * @property {() => MaybePosition} minPosition no read may be older than this
 * @property {(change: () => void) => void} changeRows runs a change of the rows on screen
 * @property {() => void} requestRender
 */

export class List {
  /** What is on screen; null before the first read. @type {ListWindow | null} */
  window = null;
  /** Why the last read failed; null after a success. @type {any} */
  error = null;

  /** @type {ListConfig} */
  #config;
  /** The window that is being read and not yet shown. @type {ListWindow | null} */
  #loading = null;
  /** Ends the reads of the current view. @type {AbortController} */
  #aborter = new AbortController();
  #readingMore = false;
  /** The rows in sight, and those around them. @type {Range} */
  #visible = { first: 0, last: ROWS_AROUND };
  /** The first one is served until it is released. @type {Hold[]} */
  #holds = [];
  /** Ends the pause before the next attempt. @type {(() => void) | undefined} */
  #endPause;

  /** @param {ListConfig} config */
  constructor(config) {
    this.#config = config;
  }

  get rows() {
    return this.window?.rows ?? [];
  }

  /** How many rows of the list come before those that are kept. */
  get before() {
    return this.window?.before ?? 0;
  }

  get busy() {
    return Boolean(this.#loading);
  }

  /**
   * Reads a view and then shows it. Resolves with the position of the first read, which is the one to join the room with, or
   * with undefined if another view was opened meanwhile.
   *
   * @param {View} view
   * @param {number} [topRow] the row that has to be read before the view is shown
   */
  open(view, topRow = 0) {
    return this.#open(new ListWindow(view), { first: topRow, last: topRow && topRow + ROWS_AROUND });
  }

  /** Reads the rows in sight again. Resolves like open. @param {View} view */
  reread(view) {
    const window = new ListWindow(view);
    if (this.#loading || !this.window) return this.#open(window, { first: 0, last: 0 });
    window.continueFrom(this.window, this.#visible.first);
    return this.#open(window, this.#visible);
  }

  /**
   * @param {ListWindow} loading
   * @param {Range} visible
   */
  async #open(loading, visible) {
    this.#aborter.abort();
    this.#aborter = new AbortController();
    const { signal } = this.#aborter;
    this.#loading = loading;
    this.#visible = visible;
    this.#config.requestRender();
    /** @type {MaybePosition} */
    let first;
    do {
      const position = await this.#readPage(loading, signal);
      if (signal.aborted) return undefined;
      first ??= position;
      loading.release(visible.first, visible.last);
    } while (loading.prepareRead(visible.first, visible.last));
    this.#config.changeRows(() => {
      this.#loading = null;
      this.window = loading;
    });
    this.#config.requestRender();
    this.#readNeeded();
    return first;
  }

  /** Stops reading for good. */
  close() {
    this.#aborter.abort();
  }

  /**
   * Reads the rows in sight, and those around them. Others are released if there are many.
   *
   * @param {number} first
   * @param {number} last Infinity: to the end of the list
   */
  show(first, last) {
    if (this.#loading) return;
    this.#visible = { first: Math.max(0, first - ROWS_AROUND), last: last + ROWS_AROUND };
    this.#release();
    this.#readNeeded();
  }

  /**
   * Reads rows, whatever is in sight, and keeps them. Resolves when they are there, with a function that releases them. A
   * second hold waits until the first one is released.
   *
   * @param {() => Range | null} range
   * @returns {Promise<() => void>}
   */
  hold(range) {
    return new Promise((resolve) => {
      /** @type {Hold} */
      const hold = { range, onRead: () => resolve(() => this.#drop(hold)) };
      this.#holds.push(hold);
      this.#readNeeded();
    });
  }

  /** @param {Hold} hold */
  #drop(hold) {
    this.#holds = this.#holds.filter((other) => other !== hold);
    this.#readNeeded();
  }

  /**
   * Reads on to the place of a contact, unless that is very far.
   *
   * @param {Contact} contact
   * @param {(found: boolean) => void} then is called when the rows are there; found: the contact is not behind them
   */
  async seek(contact, then) {
    const { window } = this;
    if (!window) return;
    const release = await this.hold(() => {
      if (window !== this.window) return null;
      const { before, rows } = window;
      const goesOn = window.isBehind(contact) && rows.length < MAX_SOUGHT;
      return { first: before, last: before + rows.length - (goesOn ? 0 : 1) };
    });
    if (window === this.window) then(!window.isBehind(contact));
    release();
  }

  /** The rows that have to be there. */
  get #needed() {
    return this.#holds[0]?.range() ?? this.#visible;
  }

  /** Too many rows may have arrived where none can be released; these are read again. */
  #release() {
    if (!this.window || this.#loading) return;
    const { first, last } = this.#needed;
    if (!this.window.release(first, last)) this.reread(this.window.view);
  }

  async #readNeeded() {
    if (this.#readingMore) return;
    this.#readingMore = true;
    try {
      while (this.window && !this.#loading && !this.#aborter.signal.aborted) {
        const { first, last } = this.#needed;
        const missing = this.window.prepareRead(first, last);
        if (!missing) {
          this.#holds[0]?.onRead();
          break;
        }
        if (missing === "after") await this.#readPage(this.window, this.#aborter.signal);
        else await this.#readBefore(this.window, this.#aborter.signal);
        this.#release();
        this.#config.requestRender();
      }
    } finally {
      this.#readingMore = false;
    }
  }

  /** Repeats a failed read at once. */
  retry() {
    this.#endPause?.();
  }

  /**
   * Applies an event to the window on screen and to the one being read; see ListWindow.apply.
   *
   * @param {ContactEvent} event
   */
  apply(event) {
    this.#loading?.apply(event);
    return this.window ? this.window.apply(event) : "outside";
  }

  /**
   * @param {Contact} contact
   * @param {MaybePosition} position
   */
  applyAnswer(contact, position) {
    this.#loading?.applyAnswer(contact, position);
    this.window?.applyAnswer(contact, position);
  }

  /**
   * Reads the page after the rows. Resolves with its position.
   *
   * @param {ListWindow} window
   * @param {AbortSignal} signal
   */
  async #readPage(window, signal) {
    for (;;) {
      const answer = await this.#read(window.view, window.next, signal);
      if (!answer) return undefined;
      if (this.#change(window, () => window.addPage(answer.body, answer.position))) return answer.position;
    }
  }

  /**
   * Reads the pages before the rows, from the last anchor on.
   *
   * @param {ListWindow} window
   * @param {AbortSignal} signal
   */
  async #readBefore(window, signal) {
    /** @type {{page: Page, position: MaybePosition}[]} */
    const pages = [];
    let cursor = window.previous;
    do {
      const answer = await this.#read(window.view, cursor, signal);
      if (!answer) return;
      pages.push({ page: answer.body, position: answer.position });
      cursor = answer.body.next;
    } while (!window.reaches(pages[pages.length - 1].page));
    this.#change(window, () => window.addPagesBefore(pages));
  }

  /**
   * Changes a window. If it is on screen, the rows keep their place.
   *
   * @param {ListWindow} window
   * @param {() => boolean} change
   */
  #change(window, change) {
    let done = false;
    const run = () => (done = change());
    if (window === this.window) this.#config.changeRows(run);
    else run();
    return done;
  }

  /**
   * Reads a page, again and again while the server is unavailable.
   *
   * @param {View} view
   * @param {string | null} cursor
   * @param {AbortSignal} signal
   * @returns {Promise<{body: Page, position: MaybePosition} | undefined>} undefined if the view was left
   */
  async #read(view, cursor, signal) {
    const { api, minPosition, requestRender } = this.#config;
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await api.get(listPath(view, PAGE_SIZE, cursor), { minPosition: minPosition(), signal });
        if (signal.aborted) return undefined;
        this.error = null;
        return answer;
      } catch (e) {
        if (signal.aborted) return undefined;
        this.error = e;
        requestRender();
        const transient = e instanceof Unreachable || e.status >= 500 || e.status === 429;
        await this.#pause(transient ? backoff(attempt) : Infinity, signal);
        if (signal.aborted) return undefined;
      }
    }
  }

  /**
   * @param {number} delay Infinity: until the view is left
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  #pause(delay, signal) {
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (delay === Infinity) return;
      const timer = setTimeout(resolve, delay);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
