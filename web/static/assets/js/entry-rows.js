// The rows of a list of values with labels, such as e-mail addresses.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { fieldLabel } from "./contact-fields.js";
import { withPlainLineEnds } from "./line-ends.js";
import { labelInput, rowId, rowList } from "./rows.js";
import { t } from "./texts.js";

/** @import { RowsProps } from "./rows.js" */

/** @param {RowsProps} props */
export function entryRows(props) {
  const { field, errorId, error } = props;
  return rowList(props, (row, index, set) => {
    const pointer = `/${field.name}/${index}/value`;
    const id = rowId(field, index);
    const label = `${fieldLabel(field.name)} ${index + 1}`;
    const onInput = (/** @type {EventOn<HTMLInputElement | HTMLTextAreaElement>} */ e) => set("value", e.target.value);
    const invalid = errorId(pointer) !== nothing;
    const value = field.multiline
      ? html`<textarea
          id=${id}
          class="row-value"
          rows="1"
          dir="auto"
          aria-label=${label}
          .value=${live(withPlainLineEnds(row.value ?? ""))}
          @input=${onInput}
          aria-invalid=${invalid}
          aria-describedby=${errorId(pointer)}
        ></textarea>`
      : html`<input
          id=${id}
          class="row-value"
          type="text"
          inputmode=${field.keyboard ?? nothing}
          dir="auto"
          aria-label=${label}
          placeholder=${field.name === "dates" ? t.form.datePlaceholder : nothing}
          .value=${live(row.value ?? "")}
          @input=${onInput}
          aria-invalid=${invalid}
          aria-describedby=${errorId(pointer)}
          spellcheck="false"
        />`;
    const remark =
      field.name === "phones" && row.value?.trim() && !/\p{Nd}/u.test(row.value) ? html`<p class="remark">${t.form.noDigits}</p>` : "";
    return [value, labelInput(props, index, row, set), remark, error(pointer), error(`/${field.name}/${index}/label`)];
  });
}
