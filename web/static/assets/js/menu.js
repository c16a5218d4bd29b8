// A menu: a button, and what opens below it. It closes on Escape, and when the person goes elsewhere.

import { html, nothing } from "../vendor/lit/lit-html.js";

/**
 * @typedef {object} MenuProps
 * @property {string} name of the CSS class
 * @property {string} title of the button
 * @property {unknown} [label] of the button for screen readers; absent: the title
 * @property {string} [button] the CSS classes of the button
 * @property {unknown} content of the button
 * @property {unknown} popup what opens: an element of the class "popup"
 * @property {(e: EventOn<HTMLDetailsElement>) => void} [onToggle]
 */

/** @param {MenuProps} props */
export const menu = ({ name, title, label = title, button = "tool", content, popup, onToggle }) =>
  html`<details class="menu ${name}" @focusout=${closeOnBlur} @keydown=${closeOnEscape} @toggle=${onToggle ?? nothing}>
    <summary class=${button} title=${title} aria-label=${label}><span class="inner">${content}</span></summary>
    ${popup}
  </details>`;

// Safari gives buttons no focus when they are clicked, so the focus alone does not tell that the person left the menu.
globalThis.addEventListener?.("pointerdown", ({ target }) => {
  for (const details of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.menu[open]")))
    if (!details.contains(/** @type {Node} */ (target))) details.open = false;
});

/** @param {FocusEvent & EventOn<HTMLDetailsElement>} e */
function closeOnBlur(e) {
  if (e.relatedTarget && !e.currentTarget.contains(/** @type {Node} */ (e.relatedTarget))) e.currentTarget.open = false;
}

/** @param {KeyboardEvent & EventOn<HTMLDetailsElement>} e */
function closeOnEscape(e) {
  if (e.key !== "Escape" || !e.currentTarget.open) return;
  e.stopPropagation();
  e.currentTarget.open = false;
  e.currentTarget.querySelector("summary")?.focus();
}
