// The question beside a field that was edited here and changed in MongoDB meanwhile.

import { html } from "../vendor/lit/lit-html.js";
import { fieldLabel, rowText } from "./contact-fields.js";

/** @import { Draft } from "./draft.js" */

/**
 * @param {Draft} draft
 * @param {string} name of the field
 * @param {(id: string) => string} organizationName
 * @param {(side: "mine" | "theirs") => void} choose
 */
export function conflictQuestion(draft, name, organizationName, choose) {
  const from = draft.conflicts.get(name) === "direct" ? "directly in MongoDB" : "by somebody else";
  const value = draft.base[name];
  const label = fieldLabel(name);
  return html`<div class="conflict" role="group" aria-label="${label}: two versions">
    <p role="alert">Changed ${from} while you were editing. Now it is:</p>
    <p class="theirs" dir="auto">${shownValue(name === "organizationId" && value ? organizationName(value) : value)}</p>
    <div class="sides">
      <button type="button" class="small" @click=${() => choose("mine")}>Keep mine</button
      ><button type="button" class="small" @click=${() => choose("theirs")}>Take this</button>
    </div>
  </div>`;
}

/** @param {any} value */
function shownValue(value) {
  if (value === undefined || value === null || value === "" || value.length === 0) return html`<em>empty</em>`;
  if (!Array.isArray(value)) return value;
  return value.map((row) => html`<span class="line">${typeof row === "object" ? rowText(row) : row}</span>`);
}
