// The palette: one field that finds contacts and commands.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { avatar } from "./avatar.js";
import { isAvailable } from "./commands.js";
import { fold } from "./fold.js";
import { icon } from "./icons.js";
import { keyboardKeys } from "./keyboard-keys.js";
import { activeAfter } from "./option-list.js";
import { parseSearch } from "./search-terms.js";
import { t } from "./texts.js";

/** @import { Command } from "./commands.js" */
/** @import { Api } from "./http.js" */

const MAX_PEOPLE = 8;
const DELAY = 120; // after the last key, before contacts are searched, in milliseconds

/**
 * @typedef {object} PaletteConfig
 * @property {() => Api} api
 * @property {() => Command[]} commands
 * @property {(id: string) => void} open a contact
 * @property {() => void} requestRender
 */

/** @typedef {{group: "people" | "commands", id: string, content: unknown, run: () => void}} Choice */

export class Palette {
  /** @type {PaletteConfig} */
  #config;
  #open = false;
  #text = "";
  #active = 0;
  /** The contacts that were found for a text. @type {{text: string, contacts: Contact[]}} */
  #found = { text: "", contacts: [] };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {PaletteConfig} config */
  constructor(config) {
    this.#config = config;
  }

  show() {
    this.#open = true;
    this.#type("");
  }

  render() {
    if (!this.#open) return "";
    const choices = this.#choices();
    const active = Math.min(this.#active, choices.length - 1);
    const option = (/** @type {Choice} */ choice, /** @type {number} */ index) =>
      html`<div
        role="option"
        class="option ${index === active ? "active" : ""}"
        id="palette-${index}"
        aria-selected=${index === active}
        @click=${() => this.#run(choice)}
      >
        ${choice.content}
      </div>`;
    const group = (/** @type {Choice["group"]} */ name, /** @type {string} */ title) => {
      const options = choices.map((choice, index) => (choice.group === name ? option(choice, index) : ""));
      return options.some(Boolean)
        ? html`<div role="group" aria-label=${title}>
            <p class="group" role="presentation">${title}</p>
            ${options}
          </div>`
        : "";
    };
    return html`<dialog
      class="dialog palette"
      id="palette"
      aria-label=${t.commands.palette}
      @close=${() => this.#close()}
      @click=${this.#onBackdrop}
    >
      <div class="search">
        ${icon("search")}<input
          id="palette-text"
          type="text"
          role="combobox"
          autofocus
          autocomplete="off"
          spellcheck="false"
          aria-label=${t.commands.palette}
          placeholder=${t.commands.paletteHint}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant=${active >= 0 ? `palette-${active}` : nothing}
          .value=${live(this.#text)}
          @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#type(e.target.value)}
          @keydown=${this.#onKey}
        />
      </div>
      <div role="listbox" id="palette-list" tabindex="-1" aria-label=${t.commands.palette}>
        ${group("people", t.commands.people)}${group("commands", t.commands.commands)}
      </div>
      ${choices.length ? "" : html`<p class="hint" role="status">${t.common.nothingFound}</p>`}
    </dialog>`;
  }

  /** Has to be called after each rendering. */
  rendered() {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("palette"));
    if (dialog && !dialog.open) dialog.showModal();
  }

  /** @returns {Choice[]} */
  #choices() {
    const { open, commands } = this.#config;
    const people = this.#found.contacts.map((contact) => ({
      group: /** @type {const} */ ("people"),
      id: contact.id,
      content: html`${avatar(contact)}<span dir="auto">${contact.fullName || t.common.noName}</span
        ><small dir="auto">${[contact.title, contact.company].filter(Boolean).join(", ") || contact.email || contact.phone}</small>`,
      run: () => open(contact.id),
    }));
    const words = fold(this.#text).split(" ").filter(Boolean);
    const matching = commands().filter((command) => isAvailable(command) && words.every((word) => fold(command.text()).includes(word)));
    return [
      ...people,
      ...matching.map((command) => ({
        group: /** @type {const} */ ("commands"),
        id: command.id,
        content: html`${command.icon ? icon(command.icon) : html`<span class="icon"></span>`}<span>${command.text()}</span
          ><small>${command.keys ? keyboardKeys(command.keys) : ""}</small>`,
        run: () => command.run?.(),
      })),
    ];
  }

  /** @param {string} text */
  #type(text) {
    this.#text = text;
    this.#active = 0;
    clearTimeout(this.#timer);
    if (parseSearch(text).length) this.#timer = setTimeout(() => this.#find(text), DELAY);
    else this.#found = { text, contacts: [] };
    this.#config.requestRender();
  }

  /** @param {string} text */
  async #find(text) {
    try {
      const { body } = await this.#config.api().get(`/contacts?${new URLSearchParams({ q: text, limit: String(MAX_PEOPLE) })}`);
      if (text === this.#text) this.#found = { text, contacts: body.items };
    } catch {
      // The commands are there without the server.
    }
    this.#config.requestRender();
  }

  #onKey = (/** @type {KeyboardEvent} */ e) => {
    const choices = this.#choices();
    const active = activeAfter(e, Math.min(this.#active, choices.length - 1), choices.length);
    if (active !== undefined && choices.length) {
      e.preventDefault();
      this.#active = active;
      this.#config.requestRender();
      requestAnimationFrame(() => document.getElementById(`palette-${this.#active}`)?.scrollIntoView({ block: "nearest" }));
    } else if (e.key === "Enter") {
      e.preventDefault();
      this.#enter();
    }
  };

  /** Enter may come before the contacts do: then it waits for them. */
  async #enter() {
    const text = this.#text;
    if (parseSearch(text).length && this.#found.text !== text) {
      clearTimeout(this.#timer);
      await this.#find(text);
    }
    const choices = this.#choices();
    const choice = choices[Math.min(this.#active, choices.length - 1)];
    if (choice && text === this.#text) this.#run(choice);
  }

  #onBackdrop = (/** @type {EventOn<HTMLElement>} */ e) => {
    if (e.target === e.currentTarget) /** @type {HTMLDialogElement} */ (e.currentTarget).close();
  };

  /** @param {Choice} choice */
  #run(choice) {
    /** @type {HTMLDialogElement | null} */ (document.getElementById("palette"))?.close();
    this.#close();
    choice.run();
  }

  #close() {
    this.#open = false;
    this.#config.requestRender();
  }
}
