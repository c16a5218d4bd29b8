// The tags of a contact: chips, and an input that adds one. Text in the input is a tag as soon as the contact is saved.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { hue } from "./avatar.js";
import { fieldLabel } from "./contact-fields.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** A click beside the chips focuses the input. @param {EventOn<HTMLElement>} e */
function focusInput(e) {
  if (e.target === e.currentTarget) e.target.querySelector("input")?.focus();
}

/**
 * @typedef {object} TagFieldConfig
 * @property {LoadOptions} load suggestions
 * @property {() => string[]} tags as they are now: several may be typed between two renderings
 * @property {(tags: string[]) => void} onChange
 * @property {(text: string) => void} onType the text of the input changed
 * @property {() => void} requestRender
 */

export class TagField {
  /** @type {TagFieldConfig} */
  #config;
  /** @type {Option[]} */
  #suggestions = [];

  /** @param {TagFieldConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {string} typed the text of the input */
  render(typed) {
    const tags = this.#config.tags();
    return html`<label for="f-tags">${fieldLabel("tags")}</label>
      <div class="tagbox" @click=${focusInput}>
        ${tags.map((tag, i) => this.#chip(tag, i))}
        <input
          id="f-tags"
          type="text"
          placeholder=${tags.length ? "" : t.form.addTag}
          list="tag-list"
          .value=${live(typed)}
          @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#config.onType(e.target.value)}
          @keydown=${(/** @type {KeyboardEvent & EventOn<HTMLInputElement>} */ e) => this.#onKey(e)}
          @change=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#add(e.target)}
          @focus=${() => this.#suggest()}
        />
      </div>
      <datalist id="tag-list">${this.#suggestions.map((option) => html`<option value=${option.value}></option>`)}</datalist>`;
  }

  /**
   * @param {string} tag
   * @param {number} index
   */
  #chip(tag, index) {
    const remove = () => this.#config.onChange(this.#config.tags().filter((_, i) => i !== index));
    return html`<span class="chip hue-${hue(tag)}" title=${tag}
      ><bdi>${tag}</bdi><button type="button" aria-label=${t.form.removeTag(tag)} @click=${remove}>${icon("close")}</button></span
    >`;
  }

  /** @param {KeyboardEvent & EventOn<HTMLInputElement>} e */
  #onKey(e) {
    const tags = this.#config.tags();
    if ((e.key === "Enter" && e.target.value.trim() && !e.ctrlKey && !e.metaKey) || e.key === ",") {
      e.preventDefault();
      this.#add(e.target);
    } else if (e.key === "Backspace" && !e.target.value && tags.length) this.#config.onChange(tags.slice(0, -1));
  }

  /** @param {HTMLInputElement} input */
  #add(input) {
    const tags = this.#config.tags();
    const tag = input.value.trim().replace(/,$/, "");
    this.#config.onType("");
    if (tag && !tags.includes(tag)) this.#config.onChange([...tags, tag]);
  }

  async #suggest() {
    try {
      this.#suggestions = await this.#config.load("");
      this.#config.requestRender();
    } catch {
      // No suggestions: any tag can still be typed.
    }
  }
}
