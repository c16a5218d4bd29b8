// Where the values of a contact lead: websites, phone numbers and e-mail addresses.

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

/**
 * The address for a dialler: digits, and a plus in front; empty if there are no digits. An extension follows after a pause.
 *
 * @param {string | undefined} text
 */
export function phoneAddress(text = "") {
  const [number, extension = ""] = text.split(/\s*(?:ext\.?|x|#)\s*(?=\d+$)/i);
  const digits = (/** @type {string} */ part) => part.normalize("NFKC").replace(/[^\d]/g, "");
  const plus = /^\s*\+/.test(number.normalize("NFKC")) ? "+" : "";
  const dialled = digits(plus ? number.replace(/\(0\)/, "") : number);
  return dialled ? `tel:${plus}${dialled}${digits(extension) ? `,${digits(extension)}` : ""}` : "";
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
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'’”]|[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.\p{L}{2,}/giu)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), address: "" });
    parts.push({ text: match[0], address: webAddress(match[0]) || mailAddress(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), address: "" });
  return parts;
}
