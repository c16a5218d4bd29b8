// Both versions of a contact side by side: the person chooses, field by field.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { icon } from "./icons.js";
import { label } from "./merge.js";

/** draft is a Draft with a conflict; nameOf(id) is the name of an organization that is known. */
export function conflictView(d, nameOf) {
  const show = (v) =>
    v === undefined || v === null || v === "" || v.length === 0
      ? html`<em>empty</em>`
      : Array.isArray(v)
        ? v.map((x) => html`<span class="line">${typeof x === "object" ? Object.values(x).join(", ") : x}</span>`)
        : v;
  const side = (c, which, heading) =>
    html`<label class="side ${c.choice === which ? "on" : ""}"
      ><span class="which"
        ><input
          type="radio"
          name="c-${c.name}"
          .checked=${live(c.choice === which)}
          @change=${() => d.choose(c.name, which)}
        />${heading}</span
      ><span class="value">${show(c.name === "organizationId" ? (nameOf(c[which]) ?? c[which]) : c[which])}</span></label
    >`;
  const from = d.theirSource === "direct" ? "directly in MongoDB" : "by somebody else";
  return html`<div class="conflict" role="group" aria-labelledby="conflict-title">
    <div class="notice warn" role="alert">
      ${icon("warn")}
      <div>
        <b id="conflict-title">Changed ${from} while you were editing</b
        ><br />${d.undecided ? `Choose what to keep: ${d.undecided} to decide.` : "Everything is decided. Save to keep it so."}
      </div>
    </div>
    <div class="both">
      <button type="button" class="link" @click=${() => d.chooseAll("mine")}>Keep all of mine</button
      ><button type="button" class="link" @click=${() => d.chooseAll("theirs")}>Take all of theirs</button>
    </div>
    ${d.conflict.map(
      (c) =>
        html`<fieldset class="choice">
          <legend>${label(c.name)}</legend>
          <div class="sides">${side(c, "mine", "Yours")}${side(c, "theirs", "In MongoDB")}</div>
        </fieldset>`,
    )}
  </div>`;
}
