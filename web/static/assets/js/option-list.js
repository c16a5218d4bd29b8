// The options below a field, as in the ARIA Authoring Practices: the focus stays in the field, and its aria-activedescendant
// names the active option.

import { html } from "../vendor/lit/lit-html.js";
import { formatCount } from "./plural.js";

/**
 * @typedef {object} OptionListProps
 * @property {string} id of the field
 * @property {string} label
 * @property {Option[]} options
 * @property {number} active index of the active option; -1 for none
 * @property {boolean} hidden
 * @property {(option: Option) => void} onPick
 * @property {unknown} [none] is shown if there are no options
 */

/** @param {OptionListProps} props */
export function optionList({ id, label, options, active, hidden, onPick, none = "" }) {
  const item = (/** @type {Option} */ option, /** @type {number} */ i) =>
    html`<li
      role="option"
      id="${id}-${i}"
      class=${i === active ? "active" : ""}
      aria-selected=${i === active}
      @pointerdown=${(/** @type {Event} */ e) => e.preventDefault()}
      @click=${() => onPick(option)}
    >
      <span dir="auto">${option.label}</span>${option.count === undefined ? "" : html`<small>${formatCount(option.count)}</small>`}
    </li>`;
  return html`<ul class="options" role="listbox" tabindex="-1" id="${id}-list" aria-label=${label} ?hidden=${hidden}>
    ${options.length ? options.map(item) : none}
  </ul>`;
}

/**
 * The index of the option that an arrow key makes active; -1 if there are none, undefined for other keys.
 *
 * @param {KeyboardEvent} e
 * @param {number} active index of the active option; -1 for none
 * @param {number} count of the options
 */
export function activeAfter({ key }, active, count) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!step) return undefined;
  return count ? (Math.max(active, step > 0 ? -1 : 0) + step + count) % count : -1;
}
