// The tags of a contact: chips, and a field that adds more. What is typed there is a tag as soon as the contact is saved.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { hue } from "./avatar.js";
import { fieldLabel } from "./contact-fields.js";
import { focusSoon } from "./focus.js";
import { fold } from "./fold.js";
import { icon } from "./icons.js";
import { activeAfter, optionList } from "./option-list.js";
import { addTags } from "./tags.js";
import { t } from "./texts.js";

const MAX_SUGGESTIONS = 8;

/** A click beside the chips focuses the field. @param {EventOn<HTMLElement>} e */
function focusInput(e) {
  if (e.target === e.currentTarget) e.target.querySelector("input")?.focus();
}

/**
 * @typedef {object} TagFieldConfig
 * @property {LoadOptions} load suggestions
 * @property {() => string[]} tags as they are now: several may be typed between two renderings
 * @property {(tags: string[]) => void} onChange
 * @property {(text: string) => void} onType the text of the field changed
 * @property {() => void} requestRender
 */

export class TagField {
  /** @type {TagFieldConfig} */
  #config;
  /** The tags that exist. @type {Option[]} */
  #existing = [];
  #open = false;
  /** Index of the active suggestion; -1 for none. */
  #active = -1;
  #typed = "";

  /** @param {TagFieldConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {string} typed the text of the field */
  render(typed) {
    this.#typed = typed;
    const tags = this.#config.tags();
    const suggestions = this.#open ? this.#suggestions() : [];
    return html`<label for="f-tags">${fieldLabel("tags")}</label>
      <div class="tagbox" @click=${focusInput}>
        ${tags.map((tag, i) => this.#chip(tag, i))}
        <input
          id="f-tags"
          type="text"
          role="combobox"
          autocomplete="off"
          placeholder=${tags.length ? "" : t.form.addTag}
          aria-expanded=${suggestions.length > 0}
          aria-controls="f-tags-list"
          aria-autocomplete="list"
          aria-activedescendant=${suggestions.length && this.#active >= 0 ? `f-tags-${this.#active}` : nothing}
          .value=${live(typed)}
          @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#type(e.target)}
          @keydown=${(/** @type {KeyboardEvent & EventOn<HTMLInputElement>} */ e) => this.#onKey(e)}
          @focus=${() => this.#load()}
          @blur=${() => this.#leave()}
        />
        ${optionList({
          id: "f-tags",
          label: t.form.tagSuggestions,
          options: suggestions,
          active: this.#active,
          hidden: !suggestions.length,
          onPick: ({ value }) => this.#add(value),
        })}
      </div>`;
  }

  /**
   * @param {string} tag
   * @param {number} index
   */
  #chip(tag, index) {
    const remove = () => {
      const left = this.#config.tags().filter((_, i) => i !== index);
      this.#config.onChange(left);
      if (index >= left.length) focusSoon("#f-tags"); // elsewhere the button of the next tag has the focus now
    };
    return html`<span class="chip hue-${hue(tag)}" title=${tag}
      ><bdi>${tag}</bdi><button type="button" aria-label=${t.form.removeTag(tag)} @click=${remove}>${icon("close")}</button></span
    >`;
  }

  /** The tags that exist, fit what is typed and are not there yet. */
  #suggestions() {
    const tags = new Set(this.#config.tags().map(fold));
    const wanted = fold(this.#typed);
    return this.#existing.filter(({ value }) => !tags.has(fold(value)) && fold(value).includes(wanted)).slice(0, MAX_SUGGESTIONS);
  }

  /** Several tags may be pasted at once, with commas between them. @param {HTMLInputElement} input */
  #type(input) {
    const text = input.value;
    this.#typed = text; // the next key may come before the next rendering
    this.#open = true;
    this.#active = -1;
    const parts = text.split(/[,;\n\t]/);
    if (parts.length > 1) {
      this.#add(parts.slice(0, -1).join(","));
      this.#typed = parts.at(-1)?.trimStart() ?? "";
      input.value = this.#typed;
    }
    this.#config.onType(this.#typed);
  }

  /** @param {KeyboardEvent & EventOn<HTMLInputElement>} e */
  #onKey(e) {
    const tags = this.#config.tags();
    const active = activeAfter(e, this.#active, this.#suggestions().length);
    if (active !== undefined && !e.altKey) {
      e.preventDefault();
      this.#open = true;
      this.#active = active;
      this.#config.requestRender();
    } else if (e.key === "Enter" && !e.ctrlKey && !e.metaKey) {
      const suggestion = this.#open ? this.#suggestions()[this.#active] : undefined;
      if (!suggestion && !e.target.value.trim()) return;
      e.preventDefault();
      this.#add(suggestion?.value ?? e.target.value);
      e.target.value = "";
    } else if (e.key === "Escape" && this.#open && this.#suggestions().length) {
      e.stopPropagation();
      this.#open = false;
      this.#config.requestRender();
    } else if (e.key === "Backspace" && !e.target.value && tags.length) this.#config.onChange(tags.slice(0, -1));
  }

  /** @param {string} text one tag, or several with commas between them */
  #add(text) {
    this.#active = -1;
    this.#typed = "";
    this.#config.onType("");
    const spelling = (/** @type {string} */ tag) => this.#existing.find(({ value }) => fold(value) === fold(tag))?.value ?? tag;
    const tags = this.#config.tags();
    const all = addTags(tags, text, spelling);
    if (all.length > tags.length) this.#config.onChange(all);
  }

  #leave() {
    this.#open = false;
    if (this.#typed.trim()) this.#add(this.#typed);
    this.#config.requestRender();
  }

  async #load() {
    try {
      this.#existing = await this.#config.load("");
      this.#config.requestRender();
    } catch {
      // No suggestions: any tag can still be typed.
    }
  }
}
