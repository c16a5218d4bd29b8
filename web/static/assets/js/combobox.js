// A combobox as in the ARIA Authoring Practices: typing filters, arrows and Enter choose, Escape closes. The
// focus stays in the field; aria-activedescendant points to the active option.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { icon } from "./icons.js";
import { formatCount } from "./plural.js";
import { t } from "./texts.js";

/**
 * @typedef {object} ComboboxConfig
 * @property {string} id
 * @property {() => string} label
 * @property {() => string} [placeholder]
 * @property {LoadOptions} load
 * @property {(value: string, label: string) => void} onPick
 * @property {() => void} requestRender
 */

export class Combobox {
  /** @type {ComboboxConfig} */
  #config;
  #open = false;
  #loading = false;
  /** @type {Option[]} */
  #options = [];
  /** Index of the active option; -1 for none. */
  #active = -1;
  /** The typed text; null while the field shows the value. @type {string | null} */
  #typed = null;
  /** The number of the last load: answers of earlier ones are dropped. */
  #loadNumber = 0;
  /** Enter was pressed before the options for the typed text were there: the first of them is picked. */
  #pickFirst = false;

  /** @param {ComboboxConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /**
   * @param {string} shown the label of the chosen value, empty for none
   * @param {{describedby?: unknown}} [options]
   */
  render(shown, { describedby = nothing } = {}) {
    const { id, label, placeholder } = this.#config;
    const option = (/** @type {Option} */ o, /** @type {number} */ i) =>
      html`<li
        role="option"
        id="${id}-${i}"
        aria-selected=${i === this.#active}
        class=${i === this.#active ? "active" : ""}
        @pointerdown=${(/** @type {Event} */ e) => e.preventDefault()}
        @click=${() => this.#pick(o)}
      >
        <span>${o.label}</span>${o.count === undefined ? "" : html`<small>${formatCount(o.count)}</small>`}
      </li>`;
    return html`<div class="combo ${shown ? "set" : ""}" @focusout=${() => this.#close()}>
      <input
        id=${id}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck="false"
        aria-label=${label()}
        placeholder=${(placeholder ?? label)()}
        aria-expanded=${this.#open}
        aria-controls="${id}-list"
        aria-autocomplete="list"
        aria-describedby=${describedby}
        aria-activedescendant=${this.#open && this.#active >= 0 ? `${id}-${this.#active}` : nothing}
        .value=${live(this.#typed ?? shown)}
        @focus=${() => this.#load("")}
        @click=${() => !this.#open && this.#load(this.#typed ?? "")}
        @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => {
          this.#typed = e.target.value;
          this.#load(e.target.value);
        }}
        @keydown=${this.#onKey}
      />
      ${shown ? html`<button type="button" class="quiet square small clear" aria-label=${t.toolbar.clearFilter(label())} @click=${() => this.#pick({ value: "", label: "" })}>${icon("close")}</button>` : html`<span class="chevron">${icon("down")}</span>`}
      <ul role="listbox" tabindex="-1" id="${id}-list" aria-label=${label()} ?hidden=${!this.#open}>
        ${this.#options.map(option)}
        ${this.#options.length ? "" : html`<li role="option" aria-disabled="true" aria-selected="false" class="none">${this.#loading ? t.common.searching : t.common.nothingFound}</li>`}
      </ul>
    </div>`;
  }

  /** @param {string} text */
  async #load(text) {
    const loadNumber = ++this.#loadNumber;
    this.#open = true;
    this.#loading = true;
    this.#pickFirst = false;
    this.#config.requestRender();
    /** @type {Option[]} */
    let options = [];
    try {
      options = await this.#config.load(text);
    } catch {
      // The list stays empty; the page shows elsewhere that the server is unavailable.
    }
    if (loadNumber !== this.#loadNumber) return;
    this.#loading = false;
    this.#options = options;
    this.#active = text && options.length ? 0 : -1;
    if (this.#pickFirst && this.#active === 0) this.#pick(options[0]);
    this.#config.requestRender();
  }

  #onKey = (/** @type {KeyboardEvent} */ e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      if (!this.#open) return void this.#load(this.#typed ?? "");
      const n = this.#options.length;
      this.#active = n ? (this.#active + step + n) % n : -1;
      this.#config.requestRender();
      requestAnimationFrame(() => document.getElementById(`${this.#config.id}-${this.#active}`)?.scrollIntoView({ block: "nearest" }));
    } else if (e.key === "Enter" && this.#open) {
      e.preventDefault();
      e.stopPropagation();
      if (this.#loading && this.#typed) this.#pickFirst = true;
      else if (this.#options[this.#active]) this.#pick(this.#options[this.#active]);
      else if (this.#typed === "") this.#pick({ value: "", label: "" });
    } else if (e.key === "Escape" && this.#open) {
      e.stopPropagation();
      this.#close();
    }
  };

  /** @param {Option} o */
  #pick(o) {
    this.#close();
    this.#config.onPick(o.value, o.label);
    this.#config.requestRender();
  }

  #close() {
    this.#loadNumber++;
    this.#open = false;
    this.#typed = null;
    this.#config.requestRender();
  }
}
