// The fields of the open contact.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { addressFields, addressList } from "./address-list.js";
import { Combobox } from "./combobox.js";
import { fieldLabel, formRows } from "./contact-fields.js";
import { icon } from "./icons.js";
import { OrganizationNames } from "./organization-names.js";
import { TagField } from "./tag-field.js";

/** @import { ContactField } from "./contact-fields.js" */
/** @import { Api } from "./http.js" */
/** @import { Draft } from "./draft.js" */

const HIGHLIGHT_TIME = 1600; // how long a field stays highlighted after somebody else changed it, in milliseconds

/**
 * The server's error of a field as a sentence, such as "E-mail is not an e-mail address".
 *
 * @param {string} pointer
 * @param {string | undefined} text
 */
function errorSentence(pointer, text) {
  if (!text) return "";
  const [, name, , part] = pointer.split("/");
  const subject = addressFields.find(([field]) => field === part)?.[1] ?? fieldLabel(name);
  return /^(is|must|has)\b/.test(text) ? `${subject} ${text}` : text[0].toUpperCase() + text.slice(1);
}

/**
 * @typedef {object} ContactFormConfig
 * @property {Api} api
 * @property {(id: string) => void} open
 * @property {() => void} save
 * @property {LoadOptions} loadTags
 * @property {() => void} requestRender
 */

export class ContactForm {
  /** @type {ContactFormConfig} */
  #config;
  /** @type {Draft} */
  #draft;
  /** @type {OrganizationNames} */
  #organizationNames;
  /** @type {Combobox} */
  #organization;
  /** @type {TagField} */
  #tags;

  /**
   * @param {ContactFormConfig} config
   * @param {Draft} draft
   */
  constructor(config, draft) {
    const { api, loadTags, requestRender } = config;
    this.#config = config;
    this.#draft = draft;
    this.#organizationNames = new OrganizationNames(api, requestRender);
    this.#organization = new Combobox({
      id: "f-organizationId",
      label: "Organization",
      placeholder: "None",
      load: (text) => this.#organizationNames.search(text),
      onPick: (id, name) => {
        this.#organizationNames.remember(id, name);
        this.#set("organizationId", id);
      },
      requestRender,
    });
    this.#tags = new TagField({
      load: loadTags,
      onChange: (tags) => this.#set("tags", tags),
      onType: (text) => {
        draft.typedTag = text;
        requestRender();
      },
      requestRender,
    });
  }

  /** @param {string} id */
  organizationName(id) {
    return this.#organizationNames.known(id);
  }

  /** @param {unknown} footer is shown below the fields */
  render(footer) {
    const { kind } = this.#draft.mine;
    return html`<form
      class="fields"
      novalidate
      autocomplete="off"
      @submit=${(/** @type {Event} */ e) => {
        e.preventDefault();
        this.#config.save();
      }}
    >
      ${this.#draft.creating ? this.#kind() : ""}
      ${repeat(
        formRows(kind),
        ([{ name }]) => name,
        (row) => this.#row(row),
      )}
      ${footer}
      <button type="submit" class="offscreen" tabindex="-1" aria-hidden="true">Save</button>
    </form>`;
  }

  #kind() {
    const { kind } = this.#draft.mine;
    const choice = (/** @type {string} */ value, /** @type {string} */ text) =>
      html`<label class=${kind === value ? "on" : ""}
        ><input
          type="radio"
          name="newkind"
          .checked=${live(kind === value)}
          @change=${() => this.#set("kind", value)}
        />${icon(value)}${text}</label
      >`;
    return html`<fieldset class="segments wide-segments">
      <legend class="offscreen">Kind</legend>
      ${choice("person", "Person")}${choice("organization", "Organization")}
    </fieldset>`;
  }

  /** @param {ContactField[]} row */
  #row(row) {
    if (!row[0].half) return this.#field(row[0]);
    return html`<div class="pair ${row[0].half === "always" ? "" : "roomy"}">${row.map((field) => this.#field(field))}</div>`;
  }

  /** @param {ContactField} field */
  #field(field) {
    if (field.input === "organization") return this.#organizationField();
    if (field.input === "tags") return this.#tagsField();
    if (field.input === "addresses") return this.#addressesField();
    return field.input === "textarea" ? this.#textArea(field) : this.#textInput(field);
  }

  /** @param {ContactField} field */
  #textInput({ name, label, input, required = false }) {
    const { errors, mine } = this.#draft;
    return html`<div class="field ${this.#highlightClass(name)}">
      <label for="f-${name}">${label}${required ? html`<span class="required" aria-hidden="true">*</span>` : ""}</label>
      <input
        id="f-${name}"
        type=${input}
        dir="auto"
        aria-required=${required}
        aria-invalid=${Boolean(errors[`/${name}`])}
        aria-describedby=${this.#errorId(`/${name}`)}
        .value=${live(mine[name] ?? "")}
        @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#set(name, e.target.value)}
        spellcheck="false"
      />${this.#error(`/${name}`)}
    </div>`;
  }

  /** @param {ContactField} field */
  #textArea({ name, label }) {
    const { errors, mine } = this.#draft;
    return html`<div class="field ${this.#highlightClass(name)}">
      <label for="f-${name}">${label}</label
      ><textarea
        id="f-${name}"
        rows="3"
        dir="auto"
        .value=${live(mine[name] ?? "")}
        @input=${(/** @type {EventOn<HTMLTextAreaElement>} */ e) => this.#set(name, e.target.value)}
        aria-invalid=${Boolean(errors[`/${name}`])}
        aria-describedby=${this.#errorId(`/${name}`)}
      ></textarea
      >${this.#error(`/${name}`)}
    </div>`;
  }

  #tagsField() {
    const { errors, mine } = this.#draft;
    return html`<div class="field ${this.#highlightClass("tags")}">
      ${this.#tags.render(mine.tags ?? [], this.#draft.typedTag)}
      ${Object.keys(errors)
        .filter((pointer) => pointer.startsWith("/tags"))
        .map((pointer) => this.#error(pointer))}
    </div>`;
  }

  #addressesField() {
    return html`<div class="field ${this.#highlightClass("addresses")}">
      ${addressList({
        addresses: this.#draft.mine.addresses ?? [],
        onChange: (addresses) => this.#set("addresses", addresses),
        errorId: (pointer) => this.#errorId(pointer),
        error: (pointer) => this.#error(pointer),
      })}
    </div>`;
  }

  #organizationField() {
    const { mine, dirty } = this.#draft;
    const { organizationId } = mine;
    return html`<div class="field ${this.#highlightClass("organizationId")}">
      <label for="f-organizationId">Organization</label>${
        organizationId && !dirty
          ? html`<button type="button" class="link aside" @click=${() => this.#config.open(organizationId)}>open</button>`
          : ""
      }${this.#organization.render(organizationId ? this.#organizationNames.get(organizationId) : "", { describedby: this.#errorId("/organizationId") })}${this.#error("/organizationId")}
    </div>`;
  }

  /**
   * Edits a field. Its errors no longer apply then.
   *
   * @param {string} name
   * @param {any} value
   */
  #set(name, value) {
    const draft = this.#draft;
    draft.mine[name] = value;
    const pointers = Object.keys(draft.errors);
    for (const p of pointers) if (p === `/${name}` || p.startsWith(`/${name}/`)) delete draft.errors[p];
    if (pointers.length && !Object.keys(draft.errors).length) draft.message = "";
    this.#config.requestRender();
  }

  /** @param {string} name */
  #highlightClass(name) {
    const { fields, at } = this.#draft.remoteChange;
    return fields.includes(name) && Date.now() - at < HIGHLIGHT_TIME ? "highlighted" : "";
  }

  /** @param {string} pointer */
  #errorId(pointer) {
    return this.#draft.errors[pointer] ? `error${pointer.replaceAll("/", "-")}` : nothing;
  }

  /** @param {string} pointer */
  #error(pointer) {
    const text = errorSentence(pointer, this.#draft.errors[pointer]);
    return text ? html`<p class="error" id="error${pointer.replaceAll("/", "-")}">${text}</p>` : "";
  }
}
