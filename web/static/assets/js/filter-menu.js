// The menu of the filters that have no place of their own in the toolbar.

import { html, noChange } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { Combobox } from "./combobox.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { t } from "./texts.js";
import { valuesOf, withoutValue, withValue } from "./view.js";

/** @import { OrganizationNames } from "./organization-names.js" */

/** @typedef {"createdAfter" | "createdBefore" | "updatedAfter" | "updatedBefore"} DateFilter */

/** @type {DateFilter[]} */
const dates = ["createdAfter", "createdBefore", "updatedAfter", "updatedBefore"];
/** @type {("email" | "phone")[]} */
const missing = ["email", "phone"];

const FIRST_DATE = "1000"; // a year with fewer digits is not complete

/**
 * The value of a field; the field that has the focus keeps what is being typed.
 *
 * @param {string} id of the field
 * @param {string} value
 */
const shown = (id, value) => (document.activeElement?.id === id ? noChange : live(value));

/**
 * @typedef {object} FilterMenuConfig
 * @property {Navigate} navigate
 * @property {() => OrganizationNames} organizationNames of the workspace that is shown
 * @property {() => void} requestRender
 */

export class FilterMenu {
  /** @type {FilterMenuConfig} */
  #config;
  /** @type {Combobox} */
  #organization;

  /** @param {FilterMenuConfig} config */
  constructor(config) {
    this.#config = config;
    this.#organization = new Combobox({
      id: "filter-organizationId",
      label: () => t.filters.organizationId,
      load: (text) => config.organizationNames().search(text),
      onPick: (organizationId, name) => {
        config.organizationNames().remember(organizationId, name);
        config.navigate({ organizationId });
      },
      requestRender: config.requestRender,
    });
  }

  /**
   * @param {View} view
   * @param {unknown} others filters that have no room in the toolbar
   */
  render(view, others) {
    const { navigate, organizationNames } = this.#config;
    const { organizationId } = view;
    const without = (/** @type {"email" | "phone"} */ what) => {
      const on = valuesOf(view.without).includes(what);
      const toggle = () => navigate({ without: on ? withoutValue(view.without, what) : withValue(view.without, what) });
      return html`<label class="option"><input type="checkbox" .checked=${live(on)} @change=${toggle} />${t.without[what]}</label>`;
    };
    const date = (/** @type {DateFilter} */ name) => {
      const change = (/** @type {EventOn<HTMLInputElement>} */ e) => {
        const { value } = e.target;
        if (value && value < FIRST_DATE) return; // the year is still being typed
        navigate({ [name]: value }, { replace: view[name] !== "" });
      };
      return html`<label class="filter-field"
        >${t.filters[name]}<input
          type="date"
          id="filter-${name}"
          .value=${shown(`filter-${name}`, view[name].slice(0, 10))}
          @change=${change}
      /></label>`;
    };
    const setOwner = (/** @type {EventOn<HTMLInputElement>} */ e) => navigate({ owner: e.target.value.trim() });
    return menu({
      name: "filters",
      title: t.toolbar.filters,
      content: icon("filter"),
      popup: html`<div class="popup">
        ${others} ${missing.map(without)}
        <label class="filter-field"
          >${t.filters.owner}<input
            type="text"
            id="filter-owner"
            autocomplete="off"
            .value=${shown("filter-owner", view.owner)}
            @change=${setOwner}
        /></label>
        ${this.#organization.render(organizationId ? organizationNames().get(organizationId) : "")} ${dates.map(date)}
      </div>`,
    });
  }
}
