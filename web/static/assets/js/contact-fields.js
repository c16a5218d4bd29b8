// The editable fields of a contact. A row of this table is all that the page needs for a new plain field:
// the form, the conflict, the change display and the type of a contact read it.

/**
 * @typedef {object} ContactField
 * @property {string} name of the field in JSON
 * @property {string} label
 * @property {"text" | "email" | "tel" | "textarea" | "organization" | "tags" | "addresses"} input how it is edited.
 *   The first three are types of an input element; "organization", "tags" and "addresses" have their own components.
 * @property {"person" | "organization"} [kind] the only kind that has the field; absent: both have it
 * @property {boolean} [required]
 * @property {"always" | "if wide"} [half] two such fields in a row stand side by side: always, or only if the
 *   screen is wide; absent: the field takes a whole row
 */

// The order is that of the form. kind is not in the table: it is chosen once, at creation.
const table = /** @type {const} */ ([
  { name: "name", label: "Name", input: "text", kind: "organization", required: true },
  { name: "firstName", label: "First name", input: "text", kind: "person", required: true, half: "always" },
  { name: "lastName", label: "Last name", input: "text", kind: "person", half: "always" },
  { name: "email", label: "E-mail", input: "email", half: "if wide" },
  { name: "phone", label: "Phone", input: "tel", half: "if wide" },
  { name: "company", label: "Company", input: "text", kind: "person", half: "if wide" },
  { name: "organizationId", label: "Organization", input: "organization", kind: "person", half: "if wide" },
  { name: "tags", label: "Tags", input: "tags" },
  { name: "notes", label: "Notes", input: "textarea" },
  { name: "addresses", label: "Addresses", input: "addresses" },
  { name: "owner", label: "Owner", input: "text" },
]);

/** The names of the fields that hold a text. @typedef {Exclude<(typeof table)[number]["name"], "tags" | "addresses">} TextField */

/** @type {readonly ContactField[]} */
export const fields = table;

/** @param {string} name */
export const fieldLabel = (name) => fields.find((field) => field.name === name)?.label ?? name;

/**
 * The fields of a kind as rows of the form: one field, or two that stand side by side.
 *
 * @param {string} kind
 * @returns {ContactField[][]}
 */
export function formRows(kind) {
  /** @type {ContactField[][]} */
  const rows = [];
  for (const field of fields) {
    if (field.kind && field.kind !== kind) continue;
    const last = rows.at(-1);
    if (field.half && last?.length === 1 && last[0].half === field.half) last.push(field);
    else rows.push([field]);
  }
  return rows;
}

/**
 * A copy of a contact in which every field is present.
 *
 * @param {any} contact
 * @returns {any}
 */
export function withBlanks(contact) {
  const blank = (/** @type {ContactField} */ { input }) => (input === "tags" || input === "addresses" ? [] : "");
  const blanks = Object.fromEntries(fields.map((field) => [field.name, blank(field)]));
  return { ...blanks, ...structuredClone(contact) };
}
