// What all lists of rows with a label share: the label, the buttons that move and remove a row, and the button that adds one.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { fieldLabel, isBlankRow, labelText, rowNoun, storedLabel } from "./contact-fields.js";
import { focusSoon } from "./focus.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** @import { ContactField } from "./contact-fields.js" */

/** @typedef {Record<string, string | undefined>} ListRow a value or an address, and its label */

/**
 * @typedef {object} RowsProps
 * @property {ContactField} field
 * @property {() => ListRow[]} rows as they are now: several keys may be typed between two renderings
 * @property {(rows: ListRow[], pointer: string) => void} onChange pointer is the JSON pointer of what was edited
 * @property {(pointer: string) => string | typeof nothing} errorId
 * @property {(pointer: string) => unknown} error
 */

/**
 * The id of the element in which a row is edited first.
 *
 * @param {ContactField} field
 * @param {number} index
 */
export const rowId = ({ name }, index) => `f-${name}-${index}`;

/** The rows that the form shows: at least one, so that a person can type at once. @param {ContactField} field @param {ListRow[]} rows */
const shownRows = (field, rows) => (rows.length ? rows : [newRow(field, rows)]);

/** A row without values that follows these rows. @param {ContactField} field @param {ListRow[]} rows @returns {ListRow} */
const newRow = ({ firstLabel }, rows) => (firstLabel && !rows.some(({ label }) => label === firstLabel) ? { label: firstLabel } : {});

/**
 * The rows of a list, each rendered by renderRow, and below them the button that adds one.
 *
 * @param {RowsProps} props
 * @param {(row: ListRow, index: number, set: (name: string, value: string) => void) => unknown} renderRow
 */
export function rowList(props, renderRow) {
  const { field, onChange, error } = props;
  const { name } = field;
  const rows = () => shownRows(field, props.rows());
  /**
   * @param {number} index
   * @returns {(part: string, value: string) => void}
   */
  const setter = (index) => (part, value) =>
    onChange(
      rows().map((row, i) => (i === index ? { ...row, [part]: value } : row)),
      `/${name}/${index}/${part}`,
    );
  const add = () => {
    const before = rows();
    onChange([...before, newRow(field, before)], `/${name}`);
    focusSoon("#" + rowId(field, before.length));
  };
  const shown = rows();
  return html`<span class="label" id="f-${name}">${fieldLabel(name)}</span>
    <div role="group" aria-labelledby="f-${name}">
      ${shown.map(
        (row, index) =>
          html`<div
            class="list-row ${name}"
            @keydown=${(/** @type {KeyboardEvent & EventOn<HTMLElement>} */ e) => onMoveKey(e, { ...props, rows }, index)}
          >
            ${renderRow(row, index, setter(index))}${rowTools({ ...props, rows }, index)}
          </div>`,
      )}
    </div>
    ${error(`/${name}`)}
    ${isBlankRow(shown[shown.length - 1]) ? "" : html`<button type="button" class="link add" @click=${add}>${icon("plus")} ${t.form.addAnother(rowNoun(name))}</button>`}`;
}

/**
 * The field for the label of a row.
 *
 * @param {RowsProps} props
 * @param {number} index
 * @param {ListRow} row
 * @param {(name: string, value: string) => void} set
 */
export function labelInput({ field, errorId }, index, row, set) {
  const pointer = `/${field.name}/${index}/label`;
  const id = `${rowId(field, index)}-label`;
  const store = (/** @type {EventOn<HTMLInputElement>} */ e) => set("label", storedLabel(e.target.value));
  return html`<input
      id=${id}
      class="row-label"
      dir="auto"
      list="${rowId(field, index)}-labels"
      aria-label=${t.form.labelOf(rowNoun(field.name), index + 1)}
      placeholder=${t.form.label}
      .value=${live(typedLabel(id, row.label) ?? labelText(row.label))}
      @input=${store}
      @change=${store}
      aria-invalid=${errorId(pointer) !== nothing}
      aria-describedby=${errorId(pointer)}
    /><datalist id="${rowId(field, index)}-labels">
      ${field.labels?.map((label) => html`<option value=${labelText(label)}></option>`)}
    </datalist>`;
}

/**
 * What is being typed into the field of a label: it stays as it is, also while it is the stored form of another text.
 *
 * @param {string} id of the field
 * @param {string | undefined} stored
 */
function typedLabel(id, stored = "") {
  const field = document.activeElement;
  return field instanceof HTMLInputElement && field.id === id && storedLabel(field.value) === stored ? field.value : undefined;
}

/**
 * The buttons of a row. The first row is the preferred one, so a row can be moved up.
 *
 * @param {RowsProps} props
 * @param {number} index
 */
function rowTools(props, index) {
  const { field, rows, onChange } = props;
  const remove = () => {
    const left = rows().filter((_, i) => i !== index);
    onChange(left, `/${field.name}`);
    focusSoon("#" + rowId(field, Math.max(0, Math.min(index, left.length - 1))));
  };
  const tool = (/** @type {string} */ name, /** @type {string} */ text, /** @type {() => void} */ run) =>
    html`<button
      type="button"
      id="${rowId(field, index)}-${name}"
      class="quiet square small ${name}"
      aria-label=${t.form.rowAction(text, rowNoun(field.name), index + 1)}
      title=${name === "up" ? `${text} (Alt ↑)` : text}
      @click=${run}
    >
      ${icon(name)}
    </button>`;
  return [
    index > 0 ? tool("up", t.form.moveUp, () => moveRow(props, index, index - 1, "-up")) : "",
    rows().length > 1 || !isBlankRow(rows()[index]) ? tool("close", t.form.remove, remove) : "",
  ];
}

/**
 * Moves a row. The focus moves along.
 *
 * @param {RowsProps} props
 * @param {number} from
 * @param {number} to
 * @param {string} part the end of the id of the element that gets the focus
 */
function moveRow({ field, rows, onChange }, from, to, part) {
  const before = rows();
  if (to < 0 || to >= before.length) return;
  const moved = before.filter((_, i) => i !== from);
  moved.splice(to, 0, before[from]);
  onChange(moved, `/${field.name}`);
  focusSoon("#" + rowId(field, to) + (to === 0 && part === "-up" ? "" : part)); // the first row has no such button
}

/**
 * @param {KeyboardEvent & EventOn<HTMLElement>} e
 * @param {RowsProps} props
 * @param {number} index
 */
function onMoveKey(e, props, index) {
  if (!e.altKey || e.ctrlKey || e.metaKey || (e.key !== "ArrowUp" && e.key !== "ArrowDown")) return;
  e.preventDefault();
  moveRow(props, index, index + (e.key === "ArrowUp" ? -1 : 1), e.target.id.slice(rowId(props.field, index).length));
}
