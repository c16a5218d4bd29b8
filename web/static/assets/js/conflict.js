// The two versions of a contact side by side. The person chooses field by field.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { fieldLabel, rowText } from "./contact-fields.js";
import { icon } from "./icons.js";

/** @import { Draft } from "./draft.js" */

/**
 * @param {Draft} draft one with conflicts
 * @param {(id: string) => string | undefined} organizationName
 */
export function conflictView(draft, organizationName) {
  const show = (/** @type {any} */ v) =>
    v === undefined || v === null || v === "" || v.length === 0
      ? html`<em>empty</em>`
      : Array.isArray(v)
        ? v.map((x) => html`<span class="line">${typeof x === "object" ? rowText(x) : x}</span>`)
        : v;
  /**
   * @param {FieldConflict} c
   * @param {"mine" | "theirs"} which
   * @param {string} heading
   */
  const side = (c, which, heading) =>
    html`<label class="side ${c.choice === which ? "on" : ""}"
      ><span class="which"
        ><input
          type="radio"
          name="c-${c.name}"
          .checked=${live(c.choice === which)}
          @change=${() => draft.choose(c.name, which)}
        />${heading}</span
      ><span class="value">${show(c.name === "organizationId" ? (organizationName(c[which]) ?? c[which]) : c[which])}</span></label
    >`;
  const from = draft.theirSource === "direct" ? "directly in MongoDB" : "by somebody else";
  return html`<div class="conflict" role="group" aria-labelledby="conflict-title">
    <div class="notice warn" role="alert">
      ${icon("warn")}
      <div>
        <b id="conflict-title">Changed ${from} while you were editing</b
        ><br />${draft.undecided ? `Choose what to keep: ${draft.undecided} to decide.` : "Everything is decided. Save to keep your choices."}
      </div>
    </div>
    <div class="both">
      <button type="button" class="link" @click=${() => draft.chooseAll("mine")}>Keep all of mine</button
      ><button type="button" class="link" @click=${() => draft.chooseAll("theirs")}>Take all of theirs</button>
    </div>
    ${(draft.conflicts ?? []).map(
      (c) =>
        html`<fieldset class="choice">
          <legend>${fieldLabel(c.name)}</legend>
          <div class="sides">${side(c, "mine", "Yours")}${side(c, "theirs", "In MongoDB")}</div>
        </fieldset>`,
    )}
  </div>`;
}
