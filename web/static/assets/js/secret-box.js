// A secret that is shown once: a token, or the link of an invitation.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/**
 * @param {object} props
 * @param {string} props.text
 * @param {string} props.hint what it is, and how long it works
 * @param {(text: string) => void} props.copy
 * @param {() => void} props.close
 */
export const secretBox = ({ text, hint, copy, close }) =>
  html`<div class="notice ok secret" role="status">
    <div>
      <p>${hint}</p>
      <div class="code">
        <code id="secret">${text}</code
        ><button type="button" class="copy" @click=${() => copy(text)}>${icon("copy")}${t.common.copy}</button>
      </div>
    </div>
    <button type="button" class="quiet square small" aria-label=${t.common.close} @click=${close}>${icon("close")}</button>
  </div>`;
