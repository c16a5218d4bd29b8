// The open contact as it is read: values with their labels, and beside them what one can do with them.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { hue } from "./avatar.js";
import { linkParts, mailAddress, phoneAddress, webAddress } from "./contact-addresses.js";
import { addressParts, fieldLabel, fields, hasRows, labelText } from "./contact-fields.js";
import { dateInWords, dateRemarks } from "./date-words.js";
import { icon } from "./icons.js";
import { onPlainClick, viewAddress } from "./links.js";
import { t } from "./texts.js";
import { noFilters } from "./view.js";

/** @import { ContactField } from "./contact-fields.js" */
/** @import { Draft } from "./draft.js" */
/** @import { OrganizationNames } from "./organization-names.js" */

/** Shown in the title, or not at all. */
const notListed = ["prefix", "firstName", "middleName", "lastName", "suffix", "name", "uid"];

/**
 * @typedef {object} ContactCardConfig
 * @property {() => View} view
 * @property {Navigate} navigate
 * @property {(id: string) => void} open a contact
 * @property {(text: string) => void} copy
 * @property {(field: string) => void} edit begins to edit at a field
 * @property {OrganizationNames} organizationNames
 */

export class ContactCard {
  /** @type {ContactCardConfig} */
  #config;

  /** @param {ContactCardConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /**
   * @param {Draft} draft
   * @param {unknown} people of an organization
   * @param {unknown} footer
   */
  render(draft, people, footer) {
    const contact = draft.mine;
    const shown = fields.filter(({ name }) => contact[name]?.length > 0 && !notListed.includes(name));
    return html`<div class="read" id="card" tabindex="-1">
      ${shown.length ? "" : html`<p class="none">${t.card.nothing}</p>`}
      <dl class="values">
        ${shown.map(
          (field) =>
            html`<div
              class="value ${field.name} ${draft.isHighlighted(field.name) ? "highlighted" : ""}"
              @dblclick=${() => this.#config.edit(field.name)}
            >
              <dt>${fieldLabel(field.name)}</dt>
              ${this.#values(field, contact)}
            </div>`,
        )}
      </dl>
      ${people} ${footer}
    </div>`;
  }

  /**
   * @param {ContactField} field
   * @param {any} contact
   */
  #values(field, contact) {
    const value = contact[field.name];
    if (hasRows(field)) return value.map((/** @type {any} */ row, /** @type {number} */ index) => this.#row(field.name, row, index));
    return html`<dd id="v-${field.name}" dir="auto">${this.#text(field, value)}</dd>`;
  }

  /**
   * @param {ContactField} field
   * @param {any} value
   */
  #text({ name, input }, value) {
    if (name === "company") return this.#filterLink({ company: value }, value, t.card.showCompany(value));
    if (name === "owner") return this.#filterLink({ owner: value }, value, t.card.showOwner(value));
    if (name === "organizationId") return this.#contactLink(value, this.#config.organizationNames.get(value));
    if (input === "tags")
      return html`<span class="chips"
        >${value.map((/** @type {string} */ tag) => this.#filterLink({ tag }, tag, t.card.showTag(tag), `chip hue-${hue(tag)}`))}</span
      >`;
    return input === "textarea" ? linked(value) : value;
  }

  /**
   * @param {string} name of the field
   * @param {any} row
   * @param {number} index
   */
  #row(name, row, index) {
    const id = `v-${name}-${index}`;
    const label = row.label ? html`<small class="label" dir="auto">${labelText(row.label)}</small>` : "";
    if (name === "addresses") return this.#address(id, row, label);
    const { value = "" } = row;
    const [content, tools] = this.#entry(name, row);
    const copy = name === "emails" || name === "phones" || name === "urls" ? this.#copyButton(value) : "";
    return html`<dd class="entry">
      <span id=${id} class="text" dir="auto">${content}</span> ${label}<span class="tools">${tools}${copy}</span>
    </dd>`;
  }

  /**
   * The value of a row, and the links beside it.
   *
   * @param {string} name
   * @param {Entry} row
   * @returns {[unknown, unknown]}
   */
  #entry(name, { label, value = "" }) {
    const link = (/** @type {string} */ address, /** @type {string} */ title) =>
      address ? html`<a href=${address} title=${title}>${value}</a>` : value;
    const tool = (/** @type {string} */ address, /** @type {string} */ iconName, /** @type {string} */ title) =>
      address ? html`<a class="button quiet square small" href=${address} title=${title} aria-label=${title}>${icon(iconName)}</a>` : "";
    switch (name) {
      case "emails":
        return [link(mailAddress(value), t.card.write(value)), tool(mailAddress(value), "mail", t.card.write(value))];
      case "phones":
        return [link(phoneAddress(value), t.card.call(value)), tool(phoneAddress(value), "phone", t.card.call(value))];
      case "urls": {
        const address = webAddress(value);
        return [address ? html`<a href=${address} target="_blank" rel="noopener noreferrer">${value}</a>` : value, ""];
      }
      case "dates": {
        const remarks = dateRemarks(value, label, new Date());
        return [
          html`<time datetime=${value}>${dateInWords(value)}</time>${remarks.length ? html` <small>${remarks.join(", ")}</small>` : ""}`,
          "",
        ];
      }
      case "related":
        return [this.#filterLink({ q: value }, value, nothing), ""];
      default:
        return [linked(value), ""];
    }
  }

  /**
   * @param {string} id
   * @param {Address} row
   * @param {unknown} label
   */
  #address(id, row, label) {
    const { street = "", city = "", region = "", postalCode = "", country = "" } = row;
    const place = [postalCode, city].filter(Boolean).join(" ");
    const lines = [...street.split(/\r?\n/), place, region, country].filter(Boolean);
    const whole = addressParts
      .map((part) => row[part]?.replace(/\s+/g, " "))
      .filter(Boolean)
      .join(", ");
    const map = `https://www.openstreetmap.org/search?${new URLSearchParams({ query: whole })}`;
    return html`<dd class="entry">
      <span id=${id} class="text" dir="auto">${lines.map((line) => html`<span class="line">${line}</span>`)}</span>${label}<span
        class="tools"
        ><a
          class="button quiet square small"
          href=${map}
          target="_blank"
          rel="noopener noreferrer"
          title=${t.card.map}
          aria-label=${t.card.map}
          >${icon("map")}</a
        >${this.#copyButton(lines.join("\n"))}</span
      >
    </dd>`;
  }

  /** @param {string} text */
  #copyButton(text) {
    const title = t.card.copy(text.replace(/\n/g, ", "));
    return html`<button type="button" class="quiet square small" title=${title} aria-label=${title} @click=${() => this.#config.copy(text)}>
      ${icon("copy")}
    </button>`;
  }

  /**
   * A link to the list with one filter.
   *
   * @param {Partial<Filters>} filter
   * @param {string} text
   * @param {unknown} title
   */
  #filterLink(filter, text, title, classes = "") {
    const { view, navigate } = this.#config;
    const changes = { ...noFilters, ...filter };
    return html`<a
      class=${classes}
      href=${viewAddress(view(), { ...changes, contact: "" })}
      title=${title}
      @click=${onPlainClick(() => navigate(changes))}
      >${text}</a
    >`;
  }

  /**
   * @param {string} id
   * @param {string} text
   */
  #contactLink(id, text) {
    const { view, open } = this.#config;
    return html`<a href=${viewAddress(view(), { contact: id })} @click=${onPlainClick(() => open(id))}>${text}</a>`;
  }
}

/** A text whose addresses are links. @param {string} text */
const linked = (text) =>
  linkParts(text).map(({ text: part, address }) =>
    address ? html`<a href=${address} target="_blank" rel="noopener noreferrer">${part}</a>` : part,
  );
