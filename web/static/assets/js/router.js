// Keeps the view and the URL equal.

import { formatView, parseView } from "./view.js";

export class Router {
  /** @type {View} */
  view = parseView(location.search);
  /** The first visible row when the page was left. A browser may keep the page and show it again. */
  leftAt = 0;

  /** @type {(next: View, previous: View) => void} */
  #onNavigate;

  /** @type {() => number} */
  #topRow;

  /**
   * @param {(next: View, previous: View) => void} onNavigate is called after view has changed
   * @param {() => number} topRow the first visible row, to which the way back leads
   */
  constructor(onNavigate, topRow) {
    this.#onNavigate = onNavigate;
    this.#topRow = topRow;
    addEventListener("popstate", () => this.#show(parseView(location.search)));
    addEventListener("pagehide", () => {
      this.leftAt = topRow();
      this.#saveTopRow();
    });
  }

  /** @type {Navigate} */
  navigate = (changes, { replace = false } = {}) => {
    const next = { ...this.view, ...changes };
    const url = `${location.pathname}${formatView(next)}`;
    if (!replace) this.#saveTopRow();
    if (url !== `${location.pathname}${location.search}`) history[replace ? "replaceState" : "pushState"](null, "", url);
    this.#show(next);
  };

  /** The row that was the first visible one when this entry of the history was left. @returns {number} */
  get savedTopRow() {
    return history.state?.topRow ?? 0;
  }

  #saveTopRow() {
    history.replaceState({ topRow: this.#topRow() }, "");
  }

  /** @param {View} next */
  #show(next) {
    const previous = this.view;
    this.view = next;
    this.#onNavigate(next, previous);
  }
}
