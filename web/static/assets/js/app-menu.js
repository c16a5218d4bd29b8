// The menu of the page: other pages, the help, the colours and the language.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { isAvailable } from "./commands.js";
import { icon } from "./icons.js";
import { keyboardKeys } from "./keyboard-keys.js";
import { menu } from "./menu.js";
import { t } from "./texts.js";

/** @import { Command } from "./commands.js" */

/** @param {Command[]} commands those with inMenu are shown */
export function appMenu(commands) {
  const run = (/** @type {EventOn<HTMLElement>} */ e, /** @type {Command} */ command) => {
    const details = e.target.closest("details");
    if (details) details.open = false;
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
  return menu({
    name: "app-menu",
    title: t.header.menu,
    button: "quiet square",
    content: icon("more"),
    popup: html`<div class="popup">${commands.filter((command) => command.inMenu && isAvailable(command)).map(item)}</div>`,
  });
}
