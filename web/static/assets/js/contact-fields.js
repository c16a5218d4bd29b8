// The editable fields of a contact. A row of this table is all that the page needs for a new field: the form, the
// conflict, the change display and the type of a contact read it.

import { t } from "./texts.js";

/** @import { Texts } from "./texts.js" */

/**
 * @typedef {object} ContactField
 * @property {string} name of the field in JSON
 * @property {"text" | "textarea" | "organization" | "tags" | "entries" | "addresses"} input how it is edited.
 *   "entries" and "addresses" are lists of rows, each with a label.
 * @property {"person" | "organization"} [kind] the only kind that is offered the field; absent: both are
 * @property {boolean} [required]
 * @property {boolean} [optional] the form shows the field only if it has a value, or if the person adds it
 * @property {"always" | "if wide"} [half] two such fields stand side by side: always, or only if the screen is wide;
 *   absent: the field takes a whole row
 * @property {readonly string[]} [labels] the labels that are offered for a row; any other can be typed
 * @property {string} [firstLabel] the label of a new row, if no row has it
 * @property {"email" | "tel" | "url"} [keyboard] the keyboard of a phone for the values
 * @property {boolean} [multiline] the values may have several lines
 */

const places = /** @type {const} */ (["work", "home", "other"]);

// The order is that of the form. kind is not in the table: it is chosen once, at creation.
const table = /** @type {const} */ ([
  { name: "name", input: "text", kind: "organization", required: true },
  { name: "prefix", input: "text", kind: "person", half: "always", optional: true },
  { name: "firstName", input: "text", kind: "person", half: "always" },
  { name: "middleName", input: "text", kind: "person", half: "always", optional: true },
  { name: "lastName", input: "text", kind: "person", half: "always" },
  { name: "suffix", input: "text", kind: "person", half: "always", optional: true },
  { name: "nickname", input: "text", half: "always", optional: true },
  { name: "company", input: "text", kind: "person", half: "if wide" },
  { name: "title", input: "text", kind: "person", half: "if wide" },
  { name: "department", input: "text", kind: "person", half: "if wide", optional: true },
  { name: "organizationId", input: "organization", kind: "person", half: "if wide" },
  { name: "emails", input: "entries", keyboard: "email", labels: places },
  {
    name: "phones",
    input: "entries",
    keyboard: "tel",
    labels: ["mobile", "work", "home", "main", "fax", "other"],
  },
  { name: "tags", input: "tags" },
  { name: "notes", input: "textarea" },
  {
    name: "dates",
    input: "entries",
    optional: true,
    firstLabel: "birthday",
    labels: ["birthday", "anniversary", "other"],
  },
  { name: "addresses", input: "addresses", labels: places, optional: true },
  {
    name: "urls",
    input: "entries",
    keyboard: "url",
    optional: true,
    labels: ["work", "home", "profile", "other"],
  },
  {
    name: "related",
    input: "entries",
    optional: true,
    labels: ["assistant", "manager", "spouse", "partner", "child", "parent", "friend", "contact"],
  },
  {
    name: "custom",
    input: "entries",
    multiline: true,
    optional: true,
    labels: ["messenger", "display name", "reference"],
  },
  { name: "owner", input: "text", half: "if wide", optional: true },
  { name: "uid", input: "text", half: "if wide", optional: true },
]);

/** The names of the fields that hold a text. @typedef {Extract<(typeof table)[number], {input: "text" | "textarea" | "organization"}>["name"]} TextField */

/** @type {readonly ContactField[]} */
export const fields = table;

/** @param {string} name */
export const fieldNamed = (name) => fields.find((field) => field.name === name);

/** @param {string} name */
export const fieldLabel = (name) => t.fields[name] ?? name;

/** What one row of a list is called. @param {string} name of the field */
export const rowNoun = (name) => t.rows[name] ?? name;

/** The parts of an address beside its label. @type {readonly (keyof Texts["addressParts"])[]} */
export const addressParts = ["street", "city", "region", "postalCode", "country"];

/** @param {string} part @returns {string | undefined} */
export const addressPartLabel = (part) => /** @type {Record<string, string>} */ (t.addressParts)[part];

/**
 * A stored label as people of the language say it. Labels that no language file knows are shown as they are.
 *
 * @param {string | undefined} label
 */
export const labelText = (label = "") => t.labels[label] ?? label;

/**
 * The label to store for one that a person typed: the reverse of labelText.
 *
 * @param {string} text
 */
export const storedLabel = (text) => Object.keys(t.labels).find((label) => t.labels[label] === text) ?? text;

/**
 * Whether a field holds a list of rows with a label.
 *
 * @param {ContactField | undefined} field
 */
export const hasRows = (field) => field?.input === "entries" || field?.input === "addresses";

/**
 * Whether a row says nothing but perhaps a label. It is not saved.
 *
 * @param {Record<string, any>} row
 */
export const isBlankRow = ({ label, ...values }) => !Object.values(values).some((value) => String(value ?? "").trim());

/**
 * A row as one text, such as "work: ada@example.com".
 *
 * @param {Record<string, any>} row
 */
export function rowText({ label, ...values }) {
  const text = Object.values(values).filter(Boolean).join(", ");
  return label ? `${labelText(label)}: ${text}` : text;
}

/**
 * The name that people see, as the server makes it.
 *
 * @param {PartialContact} contact
 */
export function displayName({ kind, name, prefix, firstName, middleName, lastName, suffix, nickname, company, emails, phones }) {
  if (kind === "organization" && name) return name;
  const names = [prefix, firstName, middleName, lastName, suffix].filter(Boolean).join(" ");
  return names || nickname || name || company || emails?.[0]?.value || phones?.[0]?.value || "";
}

/**
 * A copy of a contact in which every field is present.
 *
 * @param {any} contact
 * @returns {any}
 */
export function withBlanks(contact) {
  const blanks = Object.fromEntries(fields.map((field) => [field.name, hasRows(field) || field.input === "tags" ? [] : ""]));
  return { ...blanks, ...structuredClone(contact) };
}
