// The round picture of a contact: its initials on a tint.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";

/**
 * One of eight tints; equal texts have equal tints.
 *
 * @param {string} text
 */
export const hue = (text) => [...text].reduce((hash, c) => (hash * 31 + (c.codePointAt(0) ?? 0)) >>> 0, 7) % 8;

/** @param {PartialContact} contact */
function initials(contact) {
  const words = (contact.fullName || "?").split(/\s+/).filter(Boolean);
  return ((words[0] ? [...words[0]][0] : "?") + (words.length > 1 ? [...words[words.length - 1]][0] : "")).toUpperCase();
}

/** @param {PartialContact} contact */
export const avatar = (contact, size = "") =>
  html`<span class="avatar ${size} hue-${hue(contact.fullName || "")} ${contact.kind}" aria-hidden="true"
    >${contact.kind === "organization" ? icon("organization") : initials(contact)}</span
  >`;
