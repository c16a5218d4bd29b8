// Short messages in a corner, read out by screen readers. One with an action waits for it; the timer
// stands still while the pointer or the focus is on it.

import { html } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { icon } from "./icons.js";
import { randomId } from "./http.js";

export class Toasts {
  constructor(changed) {
    this.changed = changed;
    this.list = [];
  }

  /** options: {action: {label, run}, kind: "error", lasts: ms, onEnd()}; onEnd is not called after run. */
  show(text, options = {}) {
    const toast = { id: randomId(), text, lasts: options.kind === "error" ? 9000 : 4500, ...options };
    toast.left = toast.lasts;
    this.list.push(toast);
    if (this.list.length > 4) this.#end(this.list[0]);
    this.#resume(toast);
    this.changed();
    return toast;
  }

  drop(toast) {
    clearTimeout(toast.timer);
    this.list = this.list.filter((t) => t !== toast);
    this.changed();
  }

  #resume(toast) {
    toast.since = Date.now();
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => this.#end(toast), toast.left);
  }

  #pause(toast) {
    clearTimeout(toast.timer);
    toast.left = Math.max(1500, toast.left - (Date.now() - toast.since));
  }

  #end(toast) {
    if (!this.list.includes(toast)) return;
    this.drop(toast);
    toast.onEnd?.();
  }

  /** Does what the newest message offers: the way to "Undo" for who uses no pointer. */
  act(toast = this.list.findLast((t) => t.action)) {
    if (!toast) return;
    this.drop(toast);
    toast.action.run();
  }

  view() {
    const one = (t) =>
      html`<div
        class="toast ${t.kind ?? ""}"
        @pointerenter=${() => this.#pause(t)}
        @pointerleave=${() => this.#resume(t)}
        @focusin=${() => this.#pause(t)}
        @focusout=${() => this.#resume(t)}
      >
        ${t.kind === "error" ? icon("warn") : ""}<span>${t.text}</span>
        ${t.action ? html`<button type="button" class="action" @click=${() => this.act(t)}>${t.action.label}</button>` : ""}
        <button type="button" class="quiet square small" aria-label="Dismiss" @click=${() => this.#end(t)}>${icon("close")}</button>
      </div>`;
    return html`<div class="toasts" role="status" aria-live="polite">${repeat(this.list, (t) => t.id, one)}</div>`;
  }
}
