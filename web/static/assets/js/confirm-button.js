// A button for what cannot be undone: the first press asks, the second one does it.

import { html } from "../vendor/lit/lit-html.js";
import { focusSoon } from "./focus.js";
import { t } from "./texts.js";

/** The question that is open, by its key; one at a time. */
let asked = "";

/**
 * @param {object} props
 * @param {string} props.key another for each button; the name of an element's id
 * @param {string} props.text
 * @param {string} props.label for screen readers: what and to whom
 * @param {string} props.question
 * @param {() => void} props.run
 * @param {() => void} props.requestRender
 */
export function confirmButton({ key, text, label, question, run, requestRender }) {
  const ask = (/** @type {string} */ next) => {
    asked = next;
    requestRender();
    focusSoon(next ? `#${key}-yes` : `#${key}`);
  };
  if (asked !== key) return html`<button type="button" id=${key} aria-label=${label} @click=${() => ask(key)}>${text}</button>`;
  const confirm = () => {
    asked = "";
    run();
  };
  return html`<span class="question" role="group" aria-label=${question}>
    <span>${question}</span>
    <button type="button" class="danger" id="${key}-yes" aria-label=${label} @click=${confirm}>${text}</button>
    <button type="button" @click=${() => ask("")}>${t.common.cancel}</button>
  </span>`;
}
