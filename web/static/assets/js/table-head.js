// The head of the table: names of columns, by which the list can be sorted.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** @import { Column } from "./columns.js" */

/**
 * @param {Column} column
 * @param {string} current the sort of the list; empty: it cannot be sorted
 * @param {(field: string) => void} onSort
 */
export function headCell({ name, sort }, current, onSort) {
  const text = t.list.columns[name];
  const sorted = current.replace("-", "") === sort;
  const descending = current.startsWith("-");
  if (!sort || !current) return html`<div role="columnheader" class="cell ${name}">${text}</div>`;
  return html`<div role="columnheader" class="cell ${name}" aria-sort=${sorted ? (descending ? "descending" : "ascending") : "none"}>
    <button type="button" class="sort ${sorted ? "on" : ""}" @click=${(/** @type {Event} */ e) => (e.stopPropagation(), onSort(sort))}>
      ${text}${sorted ? icon(descending ? "down" : "up") : ""}
    </button>
  </div>`;
}
