// Search, filters, and the actions for the whole list.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { Combobox } from "./combobox.js";
import { plural } from "./format.js";
import { icon } from "./icons.js";
import { closeMenuOnBlur, closeMenuOnEscape } from "./menu.js";
import { parseSearch } from "./search-terms.js";
import { isFiltered, listFilters, searchText } from "./view.js";

/** @import { FilterName, ListFilter } from "./view.js" */

const sorts = [
  ["name", "Name"],
  ["-name", "Name, Z first"],
  ["company", "Company"],
  ["-updatedAt", "Last changed"],
  ["-createdAt", "Newest"],
  ["createdAt", "Oldest"],
];

const TYPING_DELAY = 160;
const SEARCH_HINT =
  "Finds names, companies, job titles, tags, e-mail addresses and phone numbers by the beginning of each word. Enter opens the first hit, the down arrow moves into the list.";

/** The formats of an export. @type {[format: ExportFormat, label: string, use: string][]} */
const formats = [
  ["csv", "CSV", "for spreadsheets, Google and Outlook"],
  ["vcard", "vCard 3.0", "for Apple, Android and Outlook"],
  ["vcard4", "vCard 4.0", "for newer address books"],
  ["ndjson", "JSON lines", "for programs"],
];

/**
 * @typedef {object} ToolbarConfig
 * @property {Navigate} navigate
 * @property {() => void} clear removes search and filters
 * @property {() => void} create
 * @property {() => void} openImport
 * @property {() => View} view
 * @property {() => void} openFirst opens the first contact of the list
 * @property {() => void} moveIntoList
 * @property {(format: ExportFormat) => void} exportAs
 * @property {(statistic: string, name: string, text: string) => Promise<Option[]>} loadSuggestions
 * @property {() => void} requestRender
 */

export class Toolbar {
  /** @type {ToolbarConfig} */
  #config;
  /** The text in the search box while it differs from the view. @type {string | null} */
  #typedText = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typingTimer;
  /** The comboboxes of the filters that have one. @type {{name: FilterName, combobox: Combobox}[]} */
  #comboboxes;

  /** @param {ToolbarConfig} config */
  constructor(config) {
    this.#config = config;
    const { navigate, loadSuggestions, requestRender } = config;
    this.#comboboxes = listFilters.flatMap(({ name, label, statistic }) => {
      if (!statistic) return [];
      const load = (/** @type {string} */ text) => loadSuggestions(statistic, name, text);
      const onPick = (/** @type {string} */ value) => navigate({ [name]: value });
      return [{ name, combobox: new Combobox({ id: `filter-${name}`, label, load, onPick, requestRender }) }];
    });
  }

  /** @param {string} text */
  #search(text) {
    clearTimeout(this.#typingTimer);
    const { q } = this.#config.view();
    const next = parseSearch(text).length ? searchText(text) : "";
    if (next !== q) this.#config.navigate({ q: next }, { replace: Boolean(q) });
  }

  /** @param {string} text */
  #type(text) {
    this.#typedText = text;
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#search(text), TYPING_DELAY);
    this.#config.requestRender();
  }

  #onSearchKey = (/** @type {KeyboardEvent & EventOn<HTMLInputElement>} */ e) => {
    if (e.key === "Enter") {
      this.#search(e.target.value);
      this.#config.openFirst();
    } else if (e.key === "Escape" && e.target.value) {
      e.stopPropagation();
      this.#typedText = "";
      this.#search("");
    } else if (e.key === "ArrowDown") {
      e.preventDefault();
      this.#search(e.target.value);
      this.#config.moveIntoList();
    }
  };

  /** @param {{view: View, total: number | undefined}} props */
  render({ view, total }) {
    const { navigate, clear, create, openImport, exportAs } = this.#config;
    const shown = this.#typedText ?? view.q;
    return html`<div class="toolbar">
      <div class="search" role="search">
        ${icon("search")}
        <input
          id="search"
          type="search"
          aria-label="Search"
          aria-describedby="search-hint"
          placeholder="Search"
          title=${SEARCH_HINT}
          autocomplete="off"
          spellcheck="false"
          .value=${live(shown)}
          @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#type(e.target.value)}
          @keydown=${this.#onSearchKey}
          @blur=${() => (this.#typedText = null)}
        />
        <span id="search-hint" class="offscreen">${SEARCH_HINT}</span>
        ${shown ? "" : html`<kbd aria-hidden="true">/</kbd>`}
      </div>
      ${listFilters.map((filter) => (filter.choices ? this.#choices(filter, view[filter.name]) : ""))}
      ${this.#comboboxes.map(({ name, combobox }) => combobox.render(view[name]))}
      <label class="select narrow-only" ?hidden=${Boolean(view.q)}
        ><span class="offscreen">Sort</span
        ><select @change=${(/** @type {EventOn<HTMLSelectElement>} */ e) => navigate({ sort: e.target.value })}>
          ${sorts.map(([v, text]) => html`<option value=${v} .selected=${view.sort === v}>${text}</option>`)}${sorts.some(([v]) => v === view.sort) ? nothing : html`<option value=${view.sort} selected>${view.sort}</option>`}
        </select></label
      >
      ${isFiltered(view) ? html`<button type="button" class="link clear-all" @click=${clear}>Clear</button>` : ""}
      <div class="spring"></div>
      <button type="button" class="tool" aria-label="Import" title="Import a file of contacts" @click=${() => openImport()}>
        ${icon("upload")}<span class="wide">Import</span>
      </button>
      <details class="menu" @focusout=${closeMenuOnBlur} @keydown=${closeMenuOnEscape}>
        <summary class="tool" aria-label="Export" title="Export">
          <span class="inner">${icon("download")}<span class="wide">Export</span></span>
        </summary>
        <div class="popup">
          <p>${exportHint(view, total)}</p>
          ${formats.map(([format, text, use]) => html`<button type="button" ?disabled=${Boolean(view.q)} @click=${() => exportAs(format)}>As ${text}<small>${use}</small></button>`)}
        </div>
      </details>
      <button type="button" class="primary" aria-label="New contact" title="New contact (N)" @click=${() => create()}>
        ${icon("plus")}<span class="wide">New contact</span>
      </button>
    </div>`;
  }

  /**
   * @param {ListFilter} filter
   * @param {string} current
   */
  #choices({ name, label, choices = [] }, current) {
    const choice = (/** @type {string} */ value, /** @type {string} */ text) =>
      html`<label class=${current === value ? "on" : ""}
        ><input
          type="radio"
          name=${name}
          .checked=${live(current === value)}
          @change=${() => this.#config.navigate({ [name]: value })}
        />${text}</label
      >`;
    return html`<fieldset class="segments ${name}">
      <legend class="offscreen">${label}</legend>
      ${choices.map(([value, text]) => choice(value, text))}
    </fieldset>`;
  }
}

/**
 * Says which contacts an export contains.
 *
 * @param {View} view
 * @param {number | undefined} total
 */
function exportHint(view, total) {
  if (view.q) return "The hits of a search cannot be exported. Clear the search, or use the filters.";
  if (!isFiltered(view)) return total === undefined ? "All contacts" : `All ${plural(total, "contact")}`;
  return total === undefined ? "The contacts shown" : `The ${plural(total, "contact")} shown`;
}
