// Reads pages of the view into a Window and keeps one Window on screen while the next is being read.

import { Window } from "./window.js";
import { listPath } from "./view.js";
import { Unreachable } from "./http.js";
import { backoff } from "./live.js";

const PAGE = 200;

export class List {
  /** config: {api, changed(), minPosition() → position the reads must not be older than}. */
  constructor(config) {
    this.config = config;
    this.window = null;
    this.coming = null; // being read, not yet shown
    this.error = null;
  }

  get rows() {
    return this.window?.rows ?? [];
  }

  get busy() {
    return Boolean(this.coming);
  }

  /**
   * Reads a view from its beginning, at least `keep` rows of it, then shows it. Resolves with the
   * Position of the first read, the one to join with; undefined if another view was opened meanwhile.
   */
  async open(view, keep = 1) {
    this.aborter?.abort();
    const aborter = (this.aborter = new AbortController());
    const coming = (this.coming = new Window(view));
    this.config.changed();
    let first;
    do {
      const position = await this.#page(coming, aborter.signal);
      if (aborter.signal.aborted) return undefined;
      first ??= position;
    } while (!coming.complete && coming.rows.length < keep);
    this.coming = null;
    this.window = coming;
    this.config.changed();
    return first;
  }

  /** Stops reading, for good. */
  close() {
    this.aborter?.abort();
  }

  /** Reads on until row index is there, or the list ends. */
  async need(index) {
    const { window, aborter } = this;
    if (!window || this.reading || this.coming) return;
    this.reading = true;
    try {
      while (!window.complete && window === this.window && window.rows.length <= (this.wanted = Math.max(index, this.wanted ?? 0))) {
        await this.#page(window, aborter.signal);
        this.config.changed();
      }
    } finally {
      this.reading = false;
      this.wanted = 0;
    }
  }

  /** Says that rows up to index are wanted by a read that is under way, or begins one. */
  want(index) {
    this.wanted = Math.max(index, this.wanted ?? 0);
    return this.need(index);
  }

  /** Applies an event to what is shown and to what is being read; see Window.apply. */
  apply(event) {
    this.coming?.apply(event);
    return this.window ? this.window.apply(event) : "outside";
  }

  applyAnswer(contact, position) {
    this.coming?.applyAnswer(contact, position);
    this.window?.applyAnswer(contact, position);
  }

  // Reads the next page, again and again while the server is away.
  async #page(window, signal) {
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.config
          .api()
          .get(listPath(window.view, PAGE, window.next), { minPosition: this.config.minPosition(), signal });
        if (signal.aborted) return undefined;
        this.error = null;
        if (window.addPage(answer.body, answer.position)) return answer.position;
      } catch (e) {
        if (signal.aborted) return undefined;
        this.error = e;
        this.config.changed();
        const passing = e instanceof Unreachable || e.status >= 500 || e.status === 429;
        if (!passing) return await new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, backoff(attempt));
          signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
          this.retryNow = () => (clearTimeout(timer), resolve());
        });
        if (signal.aborted) return undefined;
      }
    }
  }
}
