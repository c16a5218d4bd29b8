// The filters that are set, each with a button that removes it.

import { html } from "../vendor/lit/lit-html.js";
import { dateInWords } from "./date-words.js";
import { focusSoon } from "./focus.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";
import { listFilters, valuesOf, withoutValue } from "./view.js";

/** @import { FilterName } from "./view.js" */

const inToolbar = ["company", "kind"]; // the toolbar shows their values, unless it is folded

/**
 * @param {View} view
 * @param {Navigate} navigate
 * @param {(id: string) => string} organizationName
 * @param {boolean} folded the toolbar shows no filter
 */
export function filterBar(view, navigate, organizationName, folded) {
  const set = listFilters
    .filter(({ name }) => folded || !inToolbar.includes(name))
    .flatMap(({ name, several }) =>
      (several ? valuesOf(view[name]) : [view[name]])
        .filter(Boolean)
        .map((value) => ({ name, value, left: several ? withoutValue(view[name], value) : "" })),
    );
  if (!set.length) return "";
  const last = set.length - 1;
  return html`<ul class="filter-bar" aria-label=${t.toolbar.filters}>
    ${set.map(({ name, value, left }, i) => {
      const text = filterText(name, value, organizationName);
      const remove = () => {
        navigate({ [name]: left });
        focusSoon(last ? `.filter-bar li:nth-child(${Math.min(i + 1, last)}) button` : "#grid");
      };
      return html`<li>
        <span dir="auto">${text}</span
        ><button
          type="button"
          class="quiet square small"
          aria-label=${t.toolbar.removeFilter(text)}
          title=${t.toolbar.removeFilter(text)}
          @click=${remove}
        >
          ${icon("close")}
        </button>
      </li>`;
    })}
  </ul>`;
}

/**
 * @param {FilterName} name
 * @param {string} value
 * @param {(id: string) => string} organizationName
 */
function filterText(name, value, organizationName) {
  const label = /** @type {Record<string, string>} */ (t.filters)[name];
  if (name === "without") return /** @type {Record<string, string>} */ (t.without)[value] ?? `${label}: ${value}`;
  if (name === "kind") return /** @type {Record<string, string>} */ (t.kinds)[value] ?? `${label}: ${value}`;
  if (name === "organizationId") return `${label}: ${organizationName(value)}`;
  return `${label}: ${/(After|Before)$/.test(name) ? dateInWords(value.slice(0, 10)) : value}`;
}
