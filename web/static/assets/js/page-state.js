// The state of a page that no component owns alone.

/** @template {object} State */
export class PageState {
  /** @type {State} */
  #state;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {State} initial */
  constructor(initial) {
    this.#state = initial;
  }

  get state() {
    return this.#state;
  }

  /**
   * Replaces some properties and notifies the subscribers.
   *
   * @param {Partial<State>} changes
   */
  update(changes) {
    this.#state = { ...this.#state, ...changes };
    this.notify();
  }

  /** Tells the subscribers that something on the page changed. Components call it for state of their own. */
  notify = () => {
    for (const listener of this.#listeners) listener();
  };

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }
}
