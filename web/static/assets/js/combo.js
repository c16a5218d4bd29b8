// A combobox after the ARIA authoring practices: type to narrow, arrows and Enter to choose, Escape to
// leave. The focus stays in the field; aria-activedescendant points into the list.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { icon } from "./icons.js";
import { count } from "./times.js";

export class Combo {
  /** config: {id, label, placeholder, load(text) → [{value, label, count?}] or a promise, onPick(value, label)}. */
  constructor(config, changed) {
    Object.assign(this, config);
    this.changed = changed;
    this.open = false;
    this.options = [];
    this.active = -1;
    this.typed = null; // null: the field shows the value
  }

  /** shown: the label of the value that is set, empty for none. */
  view(shown, { clearable = true, describedby = nothing } = {}) {
    const { id } = this;
    const option = (o, i) =>
      html`<li
        role="option"
        id="${id}-${i}"
        aria-selected=${i === this.active}
        class=${i === this.active ? "active" : ""}
        @pointerdown=${(e) => e.preventDefault()}
        @click=${() => this.#pick(o)}
      >
        <span>${o.label}</span>${o.count === undefined ? "" : html`<small>${count(o.count)}</small>`}
      </li>`;
    return html`<div class="combo ${shown ? "set" : ""}" @focusout=${() => this.#leave()}>
      <input
        id=${id}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck="false"
        aria-label=${this.label}
        placeholder=${this.placeholder ?? this.label}
        aria-expanded=${this.open}
        aria-controls="${id}-list"
        aria-autocomplete="list"
        aria-describedby=${describedby}
        aria-activedescendant=${this.open && this.active >= 0 ? `${id}-${this.active}` : nothing}
        .value=${live(this.typed ?? shown)}
        @focus=${() => this.#narrow("")}
        @click=${() => this.open || this.#narrow(this.typed ?? "")}
        @input=${(e) => {
          this.typed = e.target.value;
          this.#narrow(this.typed);
        }}
        @keydown=${(e) => this.#key(e)}
      />
      ${shown && clearable ? html`<button type="button" class="quiet square small clear" aria-label="Clear: ${this.label}" @click=${() => this.#pick({ value: "", label: "" })}>${icon("close")}</button>` : html`<span class="chevron">${icon("down")}</span>`}
      <ul role="listbox" tabindex="-1" id="${id}-list" aria-label=${this.label} ?hidden=${!this.open}>
        ${this.options.map(option)}
        ${this.options.length ? "" : html`<li role="option" aria-disabled="true" aria-selected="false" class="none">${this.busy ? "Searching…" : "Nothing found"}</li>`}
      </ul>
    </div>`;
  }

  async #narrow(text) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.open = true;
    this.busy = true;
    this.changed();
    let options = [];
    try {
      options = await this.load(text);
    } catch {
      // An empty list says enough; the page shows elsewhere that the server is away.
    }
    if (turn !== this.turn) return;
    this.busy = false;
    this.options = options;
    this.active = text && options.length ? 0 : -1;
    this.changed();
  }

  #key(e) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      if (!this.open) return void this.#narrow(this.typed ?? "");
      const n = this.options.length;
      this.active = n ? (this.active + step + n) % n : -1;
      this.changed();
      requestAnimationFrame(() => document.getElementById(`${this.id}-${this.active}`)?.scrollIntoView({ block: "nearest" }));
    } else if (e.key === "Enter" && this.open) {
      e.preventDefault();
      e.stopPropagation();
      if (this.options[this.active]) this.#pick(this.options[this.active]);
      else if (this.typed === "") this.#pick({ value: "", label: "" });
    } else if (e.key === "Escape" && this.open) {
      e.stopPropagation();
      this.#leave();
    }
  }

  #pick(o) {
    this.#leave();
    this.onPick(o.value, o.label);
    this.changed();
  }

  #leave() {
    this.turn = (this.turn ?? 0) + 1;
    this.open = false;
    this.typed = null;
    this.changed();
  }
}
