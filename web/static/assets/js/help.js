// The dialog that lists the keyboard shortcuts.

import { html } from "../vendor/lit/lit-html.js";
import { closeDialog } from "./dialog.js";
import { icon } from "./icons.js";

const shortcuts = [
  ["/", "Search; Enter opens the first hit"],
  ["↑ ↓ Home End", "Move in the table"],
  ["Enter", "Open the contact"],
  ["N", "New contact"],
  ["D", "Duplicate the open contact"],
  ["Delete", "Delete the contact in the table"],
  ["U", "Undo, if a message offers it"],
  ["Ctrl Enter", "Save"],
  ["Alt ↑ ↓", "Move an e-mail, a phone or another row of the contact"],
  ["Esc", "Close the contact"],
  ["G", "Go to the table"],
  ["S", "Statistics"],
  ["I", "Pipeline"],
  ["?", "This list"],
];

export const helpDialog = () =>
  html`<dialog class="dialog help" id="help" aria-labelledby="help-title">
    <div class="dialog-head">
      <h2 id="help-title">Keyboard</h2>
      <button type="button" class="quiet square" aria-label="Close" @click=${closeDialog}>${icon("close")}</button>
    </div>
    <dl>
      ${shortcuts.map(
        ([names, what]) =>
          html`<dt>${names.split(" ").map((name) => html`<kbd>${name}</kbd>`)}</dt>
            <dd>${what}</dd>`,
      )}
    </dl>
  </dialog>`;

export const showHelp = () => /** @type {HTMLDialogElement} */ (document.getElementById("help")).showModal();
