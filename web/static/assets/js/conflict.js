// The question beside a field that was edited here and changed in MongoDB meanwhile.

import { html } from "../vendor/lit/lit-html.js";
import { fieldLabel, rowText } from "./contact-fields.js";
import { t } from "./texts.js";

/** @import { Draft } from "./draft.js" */

/**
 * @param {Draft} draft
 * @param {string} name of the field
 * @param {(id: string) => string} organizationName
 * @param {(side: "mine" | "theirs") => void} choose
 */
export function conflictQuestion(draft, name, organizationName, choose) {
  const value = draft.base[name];
  return html`<div class="conflict" role="group" aria-label=${t.conflict.group(fieldLabel(name))}>
    <p role="alert">${draft.conflicts.get(name) === "direct" ? t.conflict.direct : t.conflict.api}</p>
    <p class="theirs" dir="auto">${shownValue(name === "organizationId" && value ? organizationName(value) : value)}</p>
    <div class="sides">
      <button type="button" @click=${() => choose("mine")}>${t.conflict.keepMine}</button
      ><button type="button" @click=${() => choose("theirs")}>${t.conflict.takeTheirs}</button>
    </div>
  </div>`;
}

/** @param {any} value */
function shownValue(value) {
  if (value === undefined || value === null || value === "" || value.length === 0) return html`<em>${t.common.empty}</em>`;
  if (!Array.isArray(value)) return value;
  return value.map((row) => html`<span class="line">${typeof row === "object" ? rowText(row) : row}</span>`);
}
