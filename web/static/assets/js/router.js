// Keeps the view and the URL equal.

import { formatView, parseView } from "./view.js";

export class Router {
  /** @type {View} */
  view = parseView(location.search);

  /** @type {(next: View, previous: View) => void} */
  #onNavigate;

  /** @param {(next: View, previous: View) => void} onNavigate is called after view has changed */
  constructor(onNavigate) {
    this.#onNavigate = onNavigate;
    addEventListener("popstate", () => this.#show(parseView(location.search)));
  }

  /** @type {Navigate} */
  navigate = (changes, { replace = false } = {}) => {
    const next = { ...this.view, ...changes };
    const url = `${location.pathname}${formatView(next)}`;
    if (url !== `${location.pathname}${location.search}`) history[replace ? "replaceState" : "pushState"](null, "", url);
    this.#show(next);
  };

  /** @param {View} next */
  #show(next) {
    const previous = this.view;
    this.view = next;
    this.#onNavigate(next, previous);
  }
}
