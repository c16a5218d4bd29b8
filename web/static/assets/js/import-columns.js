// Where the columns of a table go: the server's guess, which the person can change.

import { html } from "../vendor/lit/lit-html.js";
import { addressPartLabel, addressParts, fieldLabel, fields, labelText } from "./contact-fields.js";
import { t } from "./texts.js";

/** @typedef {{title: string, field: string}} Column field is a notation such as firstName, emails.work or addresses.home.city; empty: left out */

/**
 * A notation in words, such as "E-mail, work" for emails.work.
 *
 * @param {string} field
 */
function targetText(field) {
  if (!field) return t.import.leaveOut;
  if (field === "fullName") return t.import.fullName;
  if (field === "photo") return t.import.photo;
  const [name, ...parts] = field.split(".");
  const words = parts.map((part) => addressPartLabel(part) ?? (/^\d+$/.test(part) ? t.import.number(part) : labelText(part)));
  return [fieldLabel(name), ...words].join(", ");
}

/** The notations that are offered for every column. */
const targets = [
  "",
  "fullName",
  ...fields.flatMap(({ name, labels = [], input }) => {
    if (input === "addresses") return addressParts.map((part) => `${name}.${part}`);
    return input === "entries" && name !== "custom" ? [name, ...labels.map((label) => `${name}.${label}`)] : [name];
  }),
];

/**
 * @param {Column[]} columns
 * @param {(columns: Column[]) => void} onChange
 */
export function columnTable(columns, onChange) {
  const choice = (/** @type {Column} */ { title, field }, /** @type {number} */ index) => {
    const shown = title || t.import.column(index + 1);
    const offered = targets.includes(field) ? targets : [field, ...targets];
    const pick = (/** @type {EventOn<HTMLSelectElement>} */ e) =>
      onChange(columns.map((column, i) => (i === index ? { ...column, field: e.target.value } : column)));
    return html`<tr>
      <th scope="row"><bdi>${shown}</bdi></th>
      <td>
        <select aria-label=${t.import.fieldOf(shown)} @change=${pick}>
          ${offered.map((value) => html`<option value=${value} .selected=${value === field}>${targetText(value)}</option>`)}
        </select>
      </td>
    </tr>`;
  };
  return html`<table class="mapping">
    <thead>
      <tr>
        <th scope="col">${t.import.columnOfFile}</th>
        <th scope="col">${t.import.fieldOfContact}</th>
      </tr>
    </thead>
    <tbody>
      ${columns.map(choice)}
    </tbody>
  </table>`;
}
