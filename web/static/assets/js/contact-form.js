// The fields of the open contact.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { addressRows } from "./address-rows.js";
import { Combobox } from "./combobox.js";
import { conflictQuestion } from "./conflict.js";
import { addressPartLabel, fieldLabel, fields, hasRows, rowNoun } from "./contact-fields.js";
import { entryRows } from "./entry-rows.js";
import { focusSoon } from "./focus.js";
import { icon } from "./icons.js";
import { withPlainLineEnds } from "./line-ends.js";
import { rowId } from "./rows.js";
import { TagField } from "./tag-field.js";
import { serverText } from "./server-text.js";
import { t } from "./texts.js";

/** @import { ContactField } from "./contact-fields.js" */
/** @import { Draft } from "./draft.js" */
/** @import { OrganizationNames } from "./organization-names.js" */

/**
 * The server's error of a field as a sentence.
 *
 * @param {string} pointer
 * @param {string | undefined} text
 */
function errorSentence(pointer, text) {
  if (!text) return "";
  const [, name, , part] = pointer.split("/");
  const row = part === "value" && rowNoun(name);
  const subject = row || (part === "label" && t.form.label) || (part && addressPartLabel(part)) || fieldLabel(name);
  return t.form.error(subject, serverText(text));
}

/** The id of the element in which a field is edited first. @param {ContactField} field */
const firstInputId = (field) => (hasRows(field) ? rowId(field, 0) : `f-${field.name}`);

/**
 * @param {ContactField} field
 * @param {string} kind of the contact
 */
const isOffered = (field, kind) => !field.kind || field.kind === kind;

/**
 * @typedef {object} ContactFormConfig
 * @property {OrganizationNames} organizationNames
 * @property {(id: string) => void} open
 * @property {(thenStop?: boolean) => void} save
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
  /** The optional fields that are shown. They stay, also when they are emptied. @type {Set<string>} */
  #shown = new Set();

  /**
   * @param {ContactFormConfig} config
   * @param {Draft} draft
   */
  constructor(config, draft) {
    const { organizationNames, loadTags, requestRender } = config;
    this.#config = config;
    this.#draft = draft;
    this.#organizationNames = organizationNames;
    this.#organization = new Combobox({
      id: "f-organizationId",
      label: () => fieldLabel("organizationId"),
      placeholder: () => t.form.noOrganization,
      load: (text) => this.#organizationNames.search(text),
      onPick: (id, name) => {
        this.#organizationNames.remember(id, name);
        this.#set("organizationId", id);
      },
      requestRender,
    });
    this.#tags = new TagField({
      load: loadTags,
      tags: () => draft.mine.tags ?? [],
      onChange: (tags) => this.#set("tags", tags),
      onType: (text) => {
        draft.typedTag = text;
        requestRender();
      },
      requestRender,
    });
  }

  /** @param {unknown} footer is shown below the fields */
  render(footer) {
    return html`<form
      class="fields"
      novalidate
      autocomplete="off"
      @submit=${(/** @type {Event} */ e) => {
        e.preventDefault();
        this.#config.save(true);
      }}
    >
      ${this.#draft.creating ? this.#kind() : ""}
      ${repeat(
        this.#shownFields(),
        ({ name }) => name,
        (field) => this.#field(field),
      )}
      ${this.#adders()} ${footer}
      <button type="submit" class="offscreen" tabindex="-1" aria-hidden="true">${t.common.save}</button>
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
      <legend class="offscreen">${t.form.kind}</legend>
      ${choice("person", t.kind.person)}${choice("organization", t.kind.organization)}
    </fieldset>`;
  }

  /** The fields of the contact's kind, and all that have a value. Optional fields without a value can be added. */
  #shownFields() {
    const { mine, errors } = this.#draft;
    return fields.filter((field) => {
      const isValue = mine[field.name]?.length > 0 && !(field.name === "uid" && mine.uid === mine.id); // a contact without a UID has its id
      const filled = isValue || Object.keys(errors).some((pointer) => pointer.split("/")[1] === field.name);
      if (filled) this.#shown.add(field.name);
      return this.#shown.has(field.name) || (!field.optional && isOffered(field, mine.kind));
    });
  }

  /** Buttons that add the optional fields that are not shown. */
  #adders() {
    const { kind } = this.#draft.mine;
    const add = (/** @type {ContactField} */ field) => {
      this.#shown.add(field.name);
      this.#config.requestRender();
      focusSoon("#" + firstInputId(field));
    };
    const missing = fields.filter((field) => field.optional && isOffered(field, kind) && !this.#shown.has(field.name));
    return missing.length
      ? html`<div class="adders" role="group" aria-label=${t.form.addField}>
          ${missing.map((field) => html`<button type="button" class="adder" aria-label=${t.form.add(fieldLabel(field.name))} @click=${() => add(field)}>${icon("plus")}${fieldLabel(field.name)}</button>`)}
        </div>`
      : "";
  }

  /** @param {ContactField} field */
  #field(field) {
    return html`<div class=${this.#classes(field)}>${this.#input(field)}${this.#conflict(field)}</div>`;
  }

  /** @param {ContactField} field */
  #input(field) {
    if (field.input === "organization") return this.#organizationField();
    if (field.input === "tags") return this.#tagsField();
    if (hasRows(field)) return this.#rowsField(field);
    return field.input === "textarea" ? this.#textArea(field) : this.#textInput(field);
  }

  /** The question of a field that both sides changed. @param {ContactField} field */
  #conflict(field) {
    const draft = this.#draft;
    if (!draft.conflicts.has(field.name)) return "";
    const choose = (/** @type {"mine" | "theirs"} */ side) => {
      draft.choose(field.name, side);
      document.getElementById(firstInputId(field))?.focus(); // the question leaves with its buttons
    };
    return conflictQuestion(draft, field.name, (id) => this.#organizationNames.get(id), choose);
  }

  /** @param {ContactField} field */
  #textInput(field) {
    const { name, required = false } = field;
    const { errors, mine } = this.#draft;
    return html`<label for="f-${name}"
        >${fieldLabel(name)}${required ? html`<span class="required" aria-hidden="true">*</span>` : ""}</label
      >
      <input
        id="f-${name}"
        type="text"
        dir="auto"
        aria-required=${required}
        aria-invalid=${Boolean(errors[`/${name}`])}
        aria-describedby=${this.#errorId(`/${name}`)}
        .value=${live(mine[name] ?? "")}
        @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => this.#set(name, e.target.value)}
        spellcheck="false"
      />${this.#error(`/${name}`)}`;
  }

  /** @param {ContactField} field */
  #textArea(field) {
    const { name } = field;
    const { errors, mine } = this.#draft;
    return html`<label for="f-${name}">${fieldLabel(name)}</label
      ><textarea
        id="f-${name}"
        rows="3"
        dir="auto"
        .value=${live(withPlainLineEnds(mine[name] ?? ""))}
        @input=${(/** @type {EventOn<HTMLTextAreaElement>} */ e) => this.#set(name, e.target.value)}
        aria-invalid=${Boolean(errors[`/${name}`])}
        aria-describedby=${this.#errorId(`/${name}`)}
      ></textarea
      >${this.#error(`/${name}`)}`;
  }

  #tagsField() {
    const pointers = Object.keys(this.#draft.errors).filter((pointer) => pointer.startsWith("/tags"));
    return [this.#tags.render(this.#draft.typedTag), pointers.map((pointer) => this.#error(pointer))];
  }

  /** @param {ContactField} field */
  #rowsField(field) {
    const props = {
      field,
      rows: () => this.#draft.mine[field.name] ?? [],
      onChange: (/** @type {any[]} */ rows, /** @type {string} */ pointer) => this.#set(field.name, rows, pointer),
      errorId: (/** @type {string} */ pointer) => this.#errorId(pointer),
      error: (/** @type {string} */ pointer) => this.#error(pointer),
    };
    return field.input === "addresses" ? addressRows(props) : entryRows(props);
  }

  #organizationField() {
    const { mine, dirty } = this.#draft;
    const { organizationId } = mine;
    return html`<label for="f-organizationId">${fieldLabel("organizationId")}</label>${
        organizationId && !dirty
          ? html`<button type="button" class="link aside" @click=${() => this.#config.open(organizationId)}>${t.form.open}</button>`
          : ""
      }${this.#organization.render(organizationId ? this.#organizationNames.get(organizationId) : "", { describedby: this.#errorId("/organizationId") })}${this.#error("/organizationId")}`;
  }

  /**
   * Edits a field. The errors of what was edited no longer apply then.
   *
   * @param {string} name
   * @param {any} value
   */
  #set(name, value, pointer = `/${name}`) {
    const draft = this.#draft;
    draft.mine[name] = value;
    const pointers = Object.keys(draft.errors);
    for (const p of pointers) if (p === `/${name}` || p === pointer || p.startsWith(`${pointer}/`)) delete draft.errors[p];
    if (pointers.length && !Object.keys(draft.errors).length) draft.message = "";
    this.#config.requestRender();
  }

  /** @param {ContactField} field */
  #classes({ name, half }) {
    return `field ${half ? (half === "always" ? "half" : "half roomy") : ""} ${this.#draft.isHighlighted(name) ? "highlighted" : ""}`;
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
