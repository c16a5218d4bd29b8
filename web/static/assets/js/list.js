// Reads the pages of a view into a ListWindow. The previous window stays on screen while the next one is
// being read.

import { Unreachable } from "./http.js";
import { ListWindow } from "./list-window.js";
import { backoff } from "./room-socket.js";
import { listPath } from "./view.js";

/** @import { Api } from "./http.js" */

const PAGE_SIZE = 200;

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
  /** The index of the last row that readTo was asked for. */
  #wantedIndex = 0;
  /** Ends the pause before the next attempt. @type {(() => void) | undefined} */
  #endPause;

  /** @param {ListConfig} config */
  constructor(config) {
    this.#config = config;
  }

  get rows() {
    return this.window?.rows ?? [];
  }

  get busy() {
    return Boolean(this.#loading);
  }

  /**
   * Reads a view from its beginning and then shows it. Resolves with the position of the first read, which
   * is the one to join the room with, or with undefined if another view was opened meanwhile.
   *
   * @param {View} view
   * @param {number} [minRows] how many rows to read before the view is shown
   */
  async open(view, minRows = 1) {
    this.#aborter.abort();
    this.#aborter = new AbortController();
    const { signal } = this.#aborter;
    const loading = new ListWindow(view);
    this.#loading = loading;
    this.#config.requestRender();
    let first;
    do {
      const position = await this.#readPage(loading, signal);
      if (signal.aborted) return undefined;
      first ??= position;
    } while (!loading.complete && loading.rows.length < minRows);
    this.#loading = null;
    this.window = loading;
    this.#config.requestRender();
    return first;
  }

  /** Stops reading for good. */
  close() {
    this.#aborter.abort();
  }

  /**
   * Reads more pages until the row at index is there or the list ends.
   *
   * @param {number} index
   */
  async readTo(index) {
    this.#wantedIndex = Math.max(index, this.#wantedIndex);
    const { window } = this;
    const { signal } = this.#aborter;
    if (!window || this.#readingMore || this.#loading) return;
    this.#readingMore = true;
    try {
      while (!window.complete && window === this.window && window.rows.length <= this.#wantedIndex) {
        await this.#readPage(window, signal);
        this.#config.requestRender();
      }
    } finally {
      this.#readingMore = false;
      this.#wantedIndex = 0;
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
   * Reads the next page, again and again while the server is unavailable.
   *
   * @param {ListWindow} window
   * @param {AbortSignal} signal
   * @returns {Promise<string | null | undefined>}
   */
  async #readPage(window, signal) {
    const { api, minPosition, changeRows, requestRender } = this.#config;
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await api.get(listPath(window.view, PAGE_SIZE, window.next), { minPosition: minPosition(), signal });
        if (signal.aborted) return undefined;
        this.error = null;
        let added = false;
        const add = () => (added = window.addPage(answer.body, answer.position));
        if (window === this.window) changeRows(add);
        else add();
        if (added) return answer.position;
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
