// Short messages in a corner, read out by screen readers. Their time does not run while the pointer or the
// focus is on them.

import { html } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { randomId } from "./http.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const DURATION = 4500;
const ERROR_DURATION = 9000;
const MIN_REMAINING = 1500;
const MAX_TOASTS = 4; // in sight

/**
 * @typedef {object} Toast
 * @property {string} id
 * @property {string} text
 * @property {ToastOptions} options
 * @property {number} remaining milliseconds until it ends
 * @property {number} resumedAt
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

export class Toasts {
  /** @type {() => void} */
  #requestRender;
  /** @type {Toast[]} */
  #list = [];

  /** @param {() => void} requestRender */
  constructor(requestRender) {
    this.#requestRender = requestRender;
  }

  /**
   * @param {string} text
   * @param {ToastOptions} [options]
   */
  show(text, options = {}) {
    const remaining = options.duration ?? (options.kind === "error" ? ERROR_DURATION : DURATION);
    /** @type {Toast} */
    const toast = { id: randomId(), text, options, remaining, resumedAt: 0 };
    const oldest = this.#list.find(({ options: { action } }) => !action); // the others wait out of sight, so that all can be undone
    if (this.#list.length >= MAX_TOASTS && oldest) this.#end(oldest);
    this.#list.push(toast);
    this.#resume(toast);
    this.#requestRender();
    return toast;
  }

  /**
   * Removes a toast without calling its onEnd.
   *
   * @param {Toast} toast
   */
  remove(toast) {
    clearTimeout(toast.timer);
    this.#list = this.#list.filter((other) => other !== toast);
    this.#requestRender();
  }

  /** Runs the action of the newest toast that has one: "Undo" by keyboard. */
  runLastAction() {
    const toast = this.#list.findLast((other) => other.options.action);
    if (toast) this.#runAction(toast);
  }

  /** @param {Toast} toast */
  #runAction(toast) {
    this.remove(toast);
    toast.options.action?.run();
  }

  /** @param {Toast} toast */
  #resume(toast) {
    toast.resumedAt = Date.now();
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => this.#end(toast), toast.remaining);
  }

  /** @param {Toast} toast */
  #pause(toast) {
    clearTimeout(toast.timer);
    toast.remaining = Math.max(MIN_REMAINING, toast.remaining - (Date.now() - toast.resumedAt));
  }

  /** @param {Toast} toast */
  #end(toast) {
    if (!this.#list.includes(toast)) return;
    this.remove(toast);
    toast.options.onEnd?.();
  }

  render() {
    return html`<div class="toasts" role="status" aria-live="polite">
      ${repeat(
        this.#list.slice(-MAX_TOASTS),
        (toast) => toast.id,
        (toast) => this.#toast(toast),
      )}
    </div>`;
  }

  /** @param {Toast} toast */
  #toast(toast) {
    const { kind, action } = toast.options;
    return html`<div
      class="toast ${kind ?? ""}"
      @pointerenter=${() => this.#pause(toast)}
      @pointerleave=${() => this.#resume(toast)}
      @focusin=${() => this.#pause(toast)}
      @focusout=${() => this.#resume(toast)}
    >
      ${kind === "error" ? icon("warn") : ""}<span>${toast.text}</span>
      ${action ? html`<button type="button" class="action" @click=${() => this.#runAction(toast)}>${action.label}</button>` : ""}
      <button type="button" class="quiet square small" aria-label=${t.toasts.dismiss} @click=${() => this.#end(toast)}>
        ${icon("close")}
      </button>
    </div>`;
  }
}
