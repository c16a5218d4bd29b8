// The editable fields of a contact. A new field needs a row here and an input in contact-form.js.

/** Name and label of each field. kind is not among them: it is chosen once, at creation. */
export const fields = [
  ["firstName", "First name"],
  ["lastName", "Last name"],
  ["name", "Name"],
  ["email", "E-mail"],
  ["phone", "Phone"],
  ["company", "Company"],
  ["organizationId", "Organization"],
  ["tags", "Tags"],
  ["addresses", "Addresses"],
  ["notes", "Notes"],
  ["owner", "Owner"],
];

const listFields = ["tags", "addresses"];

/** @param {string} name */
export const fieldLabel = (name) => fields.find(([field]) => field === name)?.[1] ?? name;

/**
 * A copy of a contact in which every field is present.
 *
 * @param {any} contact
 * @returns {any}
 */
export function withBlanks(contact) {
  const blanks = Object.fromEntries(fields.map(([name]) => [name, listFields.includes(name) ? [] : ""]));
  return { ...blanks, ...structuredClone(contact) };
}
