// The addresses of a contact.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { addressPartLabel, addressParts, rowNoun } from "./contact-fields.js";
import { withPlainLineEnds } from "./line-ends.js";
import { labelInput, rowId, rowList } from "./rows.js";
import { t } from "./texts.js";

/** @import { RowsProps } from "./rows.js" */

/** @param {RowsProps} props */
export function addressRows(props) {
  const { field, errorId, error } = props;
  return rowList(props, (row, index, set) => {
    const pointer = (/** @type {string} */ part) => `/${field.name}/${index}/${part}`;
    const id = rowId(field, index);
    /** @type {(part: string, label: string) => unknown} */
    const input = (part, label) =>
      html`<input
        id="${id}-${part}"
        class=${part}
        dir="auto"
        aria-label=${t.form.partOf(label, rowNoun(field.name), index + 1)}
        placeholder=${label}
        .value=${live(row[part] ?? "")}
        @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => set(part, e.target.value)}
        aria-invalid=${errorId(pointer(part)) !== nothing}
        aria-describedby=${errorId(pointer(part))}
      />`;
    /** The street may have several lines. @type {(part: string, label: string) => unknown} */
    const textarea = (part, label) =>
      html`<textarea
        id=${id}
        class=${part}
        rows="1"
        dir="auto"
        aria-label=${t.form.partOf(label, rowNoun(field.name), index + 1)}
        placeholder=${label}
        .value=${live(withPlainLineEnds(row[part] ?? ""))}
        @input=${(/** @type {EventOn<HTMLTextAreaElement>} */ e) => set(part, e.target.value)}
        aria-invalid=${errorId(pointer(part)) !== nothing}
        aria-describedby=${errorId(pointer(part))}
      ></textarea>`;
    const parts = addressParts.map((part) => (part === "street" ? textarea : input)(part, addressPartLabel(part) ?? part));
    return [labelInput(props, index, row, set), ...parts, ["label", ...addressParts].map((part) => error(pointer(part)))];
  });
}
