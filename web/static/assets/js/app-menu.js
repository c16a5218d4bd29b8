// The menu of the page: other pages, the help, the colours and the language.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { isAvailable } from "./commands.js";
import { keyboardKeys } from "./help.js";
import { icon } from "./icons.js";
import { closeMenuOnBlur, closeMenuOnEscape } from "./menu.js";
import { t } from "./texts.js";

/** @import { Command } from "./commands.js" */

/** @param {Command[]} commands those with inMenu are shown */
export function appMenu(commands) {
  const run = (/** @type {EventOn<HTMLElement>} */ e, /** @type {Command} */ command) => {
    const menu = e.target.closest("details");
    if (menu) menu.open = false;
    command.run?.();
  };
  const item = (/** @type {Command} */ command) =>
    html`<button
      type="button"
      aria-current=${command.checked?.() ? "true" : nothing}
      @click=${(/** @type {EventOn<HTMLElement>} */ e) => run(e, command)}
    >
      <span>${command.text()}</span
      >${command.keys ? html`<small>${keyboardKeys(command.keys)}</small>` : ""}${command.checked?.() ? icon("check") : ""}
    </button>`;
  return html`<details class="menu app-menu" @focusout=${closeMenuOnBlur} @keydown=${closeMenuOnEscape}>
    <summary class="quiet square" title=${t.header.menu} aria-label=${t.header.menu}><span class="inner">${icon("more")}</span></summary>
    <div class="popup">${commands.filter((command) => command.inMenu && isAvailable(command)).map(item)}</div>
  </details>`;
}
