// Search, filters, and the actions for the whole list.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { columnMenu } from "./column-menu.js";
import { Combobox } from "./combobox.js";
import { formats } from "./exporter.js";
import { FilterMenu } from "./filter-menu.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { parseSearch } from "./search-terms.js";
import { t } from "./texts.js";
import { isFiltered, listFilters, searchText, sorts, withValue } from "./view.js";

/** @import { OrganizationNames } from "./organization-names.js" */
/** @import { Texts } from "./texts.js" */
/** @import { FilterName, ListFilter } from "./view.js" */

const TYPING_DELAY = 160;

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
 * @property {() => OrganizationNames} organizationNames of the workspace that is shown
 * @property {() => void} print
 * @property {() => void} requestRender
 */

export class Toolbar {
  /** @type {ToolbarConfig} */
  #config;
  /** The text in the search box while it differs from the view. @type {string | null} */
  #typedText = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typingTimer;
  /** The comboboxes of the filters that have one. @type {{name: FilterName, several: boolean | undefined, combobox: Combobox}[]} */
  #comboboxes;

  /** @type {FilterMenu} */
  #filterMenu;
  /**
   * A small or enlarged window: the filters are in the menu, so that the list keeps some rows. Not on a phone, whose keyboard makes
   * the window low while the person types in a filter.
   */
  #low = matchMedia("(max-width: 760px) and (max-height: 520px) and (not (pointer: coarse))");

  /** @param {ToolbarConfig} config */
  constructor(config) {
    this.#config = config;
    const { navigate, loadSuggestions, requestRender } = config;
    this.#filterMenu = new FilterMenu(config);
    this.#low.addEventListener("change", requestRender);
    addEventListener("popstate", () => this.#followView());
    this.#comboboxes = listFilters.flatMap(({ name, statistic, several }) => {
      if (!statistic) return [];
      const load = (/** @type {string} */ text) => loadSuggestions(statistic, name, text);
      const onPick = (/** @type {string} */ value) => {
        if (!several) navigate({ [name]: value });
        else if (value) navigate({ [name]: withValue(config.view()[name], value) }); // an empty field removes none of them
      };
      return [
        {
          name,
          several,
          combobox: new Combobox({
            id: `filter-${name}`,
            label: () => t.filters[/** @type {keyof Texts["filters"]} */ (name)],
            load,
            onPick,
            requestRender,
          }),
        },
      ];
    });
  }

  /** The filters are in the menu. */
  get folded() {
    return this.#low.matches;
  }

  /** @param {string} text */
  #search(text) {
    clearTimeout(this.#typingTimer);
    const { q } = this.#config.view();
    const next = parseSearch(text).length ? searchText(text) : "";
    if (next !== q) this.#config.navigate({ q: next }, { replace: Boolean(q) });
  }

  /** The search box shows the search of the view again, and not what is typed. */
  #followView() {
    clearTimeout(this.#typingTimer);
    this.#typedText = null;
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
    const { navigate, clear, create, openImport } = this.#config;
    const shown = this.#typedText ?? view.q;
    const { folded } = this;
    const filters = [
      listFilters.map((filter) => (filter.choices ? this.#choices(filter, view[filter.name]) : "")),
      this.#comboboxes.map(({ name, several, combobox }) => combobox.render(several ? "" : view[name])),
    ];
    return html`<div class="toolbar">
      <div class="search" role="search">
        ${icon("search")}
        <input
          id="search"
          type="search"
          aria-label=${t.toolbar.search}
          aria-describedby="search-hint"
          placeholder=${t.toolbar.search}
          title=${t.toolbar.searchHint}
          autocomplete="off"
          spellcheck="false"
          .value=${live(shown)}
          @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#type(e.target.value)}
          @keydown=${this.#onSearchKey}
          @blur=${() => (this.#typedText = null)}
        />
        <span id="search-hint" class="offscreen">${t.toolbar.searchHint}</span>
        ${shown ? "" : html`<kbd aria-hidden="true">/</kbd>`}
      </div>
      ${folded ? "" : filters} ${this.#filterMenu.render(view, folded ? filters : "")} ${columnMenu(this.#config.requestRender)}
      <label class="select narrow-only" ?hidden=${Boolean(view.q)}
        ><span class="offscreen">${t.toolbar.sort}</span
        ><select @change=${(/** @type {EventOn<HTMLSelectElement>} */ e) => navigate({ sort: e.target.value })}>
          ${[...new Set([...sorts, view.sort])].map((sort) => html`<option value=${sort} .selected=${view.sort === sort}>${/** @type {Record<string, string>} */ (t.toolbar.sorts)[sort]}</option>`)}
        </select></label
      >
      ${isFiltered(view) ? html`<button type="button" class="link clear-all" @click=${clear}>${t.toolbar.clear}</button>` : ""}
      <div class="spring"></div>
      <button type="button" class="tool" aria-label=${t.toolbar.import} title=${t.toolbar.importTitle} @click=${() => openImport()}>
        ${icon("upload")}<span class="wide">${t.toolbar.import}</span>
      </button>
      ${this.#exportMenu(view, total)}
      <button type="button" class="primary" aria-label=${t.toolbar.newContact} title="${t.toolbar.newContact} (N)" @click=${() => create()}>
        ${icon("plus")}<span class="wide">${t.toolbar.newContact}</span>
      </button>
    </div>`;
  }

  /**
   * @param {View} view
   * @param {number | undefined} total
   */
  #exportMenu(view, total) {
    const { exportAs, print } = this.#config;
    const item = (/** @type {ExportFormat} */ format) => {
      const [name, programs] = t.toolbar.formats[format];
      return html`<button type="button" ?disabled=${Boolean(view.q)} @click=${() => exportAs(format)}>
        ${t.toolbar.exportAs(name)}<small>${programs}</small>
      </button>`;
    };
    return menu({
      name: "export",
      title: t.toolbar.export,
      content: html`${icon("download")}<span class="wide">${t.toolbar.export}</span>`,
      popup: html`<div class="popup">
        <p>${exportHint(view, total)}</p>
        ${formats.map(item)}
        <button type="button" @click=${() => print()}>${t.toolbar.print}</button>
      </div>`,
    });
  }

  /**
   * @param {ListFilter} filter
   * @param {string} current
   */
  #choices({ name, choices = [] }, current) {
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
      <legend class="offscreen">${t.filters[/** @type {keyof Texts["filters"]} */ (name)]}</legend>
      ${choices.map((value) => choice(value, t.kinds[/** @type {keyof Texts["kinds"]} */ (value)]))}
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
  if (view.q) return t.toolbar.exportSearch;
  return isFiltered(view) ? t.toolbar.exportShown(total) : t.toolbar.exportAll(total);
}
