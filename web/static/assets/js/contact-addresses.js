// Where the values of a contact lead: websites, phone numbers and e-mail addresses.

import { fold } from "./fold.js";

/**
 * The address that a stored website leads to; empty if it is none. Other schemes than the web's could run scripts.
 *
 * @param {string | undefined} text
 */
export function webAddress(text = "") {
  const address = text.trim();
  if (/^https?:\/\/[^\s/]/i.test(address)) return address;
  return /^[^\s:/@]+\.[\p{L}]{2,}(?:[:/?#]\S*)?$/u.test(address) ? `https://${address}` : "";
}

const MAX_DIGITS = 17; // of a phone number with an international prefix
const LONG_PART = 6; // digits; two such parts with a separator between them are two numbers

/**
 * The address for a dialler: digits, and a plus in front. An extension follows after a pause. Empty if the text is no number
 * that can be dialled: without digits, with other letters, or with several numbers.
 *
 * @param {string | undefined} text
 */
export function phoneAddress(text = "") {
  const [number, extension] = fold(text).split(/\s*(?:;?\s*ext[.=]?|x|#|,)\s*(?=\d{1,6}$)/);
  const digits = (/** @type {string} */ part) => part.replace(/\D/g, "");
  const plus = /^\s*\+/.test(number) ? "+" : "";
  const dialled = digits(plus ? number.replace("(0)", "") : number);
  const longParts = number.split(/[/;,|]/).filter((part) => digits(part).length >= LONG_PART);
  if (!dialled || dialled.length > MAX_DIGITS || longParts.length > 1 || /\p{L}|\+.*\+/u.test(number)) return "";
  return `tel:${plus}${dialled}${extension ? `,${extension}` : ""}`;
}

/** @param {string | undefined} text */
export const mailAddress = (text = "") =>
  /^[^\s@]+@[^\s@]+$/.test(text.trim()) ? `mailto:${encodeURIComponent(text.trim()).replace("%40", "@")}` : "";

/**
 * A text in parts, so that the addresses in it can be links.
 *
 * @param {string} text
 * @returns {{text: string, address: string}[]}
 */
export function linkParts(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(
    /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'’”]|(?<![^\s@<>(),;:"])[^\s@<>(),;:"]{1,64}@[^\s@<>(),;:"]+\.\p{L}{2,}/giu,
  )) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), address: "" });
    parts.push({ text: match[0], address: webAddress(match[0]) || mailAddress(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), address: "" });
  return parts;
}
