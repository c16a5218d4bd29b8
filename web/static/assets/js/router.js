// Keeps the view and the URL equal.

import { formatView, parseView } from "./view.js";

export class Router {
  /** @type {View} */
  view = parseView(location.search);

  /** @type {(next: View, previous: View) => void} */
  #onNavigate;

  /** @type {() => number} */
  #place;

  /**
   * @param {(next: View, previous: View) => void} onNavigate is called after view has changed
   * @param {() => number} place the first visible row, to which the way back leads
   */
  constructor(onNavigate, place) {
    this.#onNavigate = onNavigate;
    this.#place = place;
    addEventListener("popstate", () => this.#show(parseView(location.search)));
    addEventListener("pagehide", () => this.#keepPlace());
  }

  /** @type {Navigate} */
  navigate = (changes, { replace = false } = {}) => {
    const next = { ...this.view, ...changes };
    const url = `${location.pathname}${formatView(next)}`;
    if (!replace) this.#keepPlace();
    if (url !== `${location.pathname}${location.search}`) history[replace ? "replaceState" : "pushState"](null, "", url);
    this.#show(next);
  };

  /** The row that was the first visible one when this entry of the history was left. @returns {number} */
  get keptPlace() {
    return history.state?.place ?? 0;
  }

  #keepPlace() {
    history.replaceState({ place: this.#place() }, "");
  }

  /** @param {View} next */
  #show(next) {
    const previous = this.view;
    this.view = next;
    this.#onNavigate(next, previous);
  }
}
