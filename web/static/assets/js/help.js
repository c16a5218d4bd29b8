// The dialog that lists the commands and their keys.

import { html } from "../vendor/lit/lit-html.js";
import { closeDialog } from "./dialog.js";
import { icon } from "./icons.js";
import { keyboardKeys } from "./keyboard-keys.js";
import { t } from "./texts.js";

/** @import { Command } from "./commands.js" */

/** @param {Command[]} commands */
export const helpDialog = (commands) =>
  html`<dialog class="dialog help" id="help" aria-labelledby="help-title">
    <div class="dialog-head">
      <h2 id="help-title">${t.commands.title}</h2>
      <button type="button" class="quiet square" aria-label=${t.common.close} @click=${closeDialog}>${icon("close")}</button>
    </div>
    <dl>
      ${commands.map(({ keys, text }) =>
        keys
          ? html`<dt>${keyboardKeys(keys)}</dt>
              <dd>${text()}</dd>`
          : "",
      )}
    </dl>
  </dialog>`;

export const showHelp = () => /** @type {HTMLDialogElement} */ (document.getElementById("help")).showModal();
