// A combobox as in the ARIA Authoring Practices: typing filters, arrows and Enter choose, Escape closes. The
// focus stays in the field; aria-activedescendant points to the active option.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { icon } from "./icons.js";
import { activeAfter, optionList } from "./option-list.js";
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
    const none = html`<li role="option" aria-disabled="true" aria-selected="false" class="none">
      ${this.#loading ? t.common.searching : t.common.nothingFound}
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
      ${optionList({
        id,
        label: label(),
        options: this.#options,
        active: this.#active,
        hidden: !this.#open,
        onPick: (option) => this.#pick(option),
        none,
      })}
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
    const active = activeAfter(e, this.#active, this.#options.length);
    if (active !== undefined) {
      e.preventDefault();
      if (!this.#open) return void this.#load(this.#typed ?? "");
      this.#active = active;
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
