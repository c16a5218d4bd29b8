// Reads a CSV or vCard file for the preview of an import. The server reads the file itself.

/**
 * Splits a text by RFC 4180 into rows of fields: quoted fields may contain commas, doubled quotes and line
 * ends. A leading byte order mark is dropped.
 *
 * @param {string} text
 */
export function parseCSV(text) {
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  let row = [];
  let field = "";
  let quoted = false;
  const endRow = () => {
    row.push(field);
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
    field = "";
  };
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
    const ch = text[i];
    if (quoted) {
      if (ch !== '"') field += ch;
      else if (text[i + 1] === '"') ((field += '"'), i++);
      else quoted = false;
    } else if (ch === '"' && field === "") quoted = true;
    else if (ch === ",") (row.push(field), (field = ""));
    else if (ch === "\n" || ch === "\r") {
      if (ch === "\r" && text[i + 1] === "\n") i++;
      endRow();
    } else field += ch;
  }
  if (field !== "" || row.length) endRow();
  return rows;
}

const unescape = (/** @type {string} */ s) => s.replace(/\\([nN,;:\\])/g, (_, c) => (c === "n" || c === "N" ? "\n" : c));

/**
 * Name, e-mail, phone and company of each card of a vCard file (RFC 6350, or version 3.0).
 *
 * @param {string} text
 */
export function parseVCards(text) {
  /** @type {Record<string, string>[]} */
  const cards = [];
  /** @type {Record<string, string> | null} */
  let card = null;
  for (const line of text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)) {
    const m = /^(?:[\w-]+\.)?([A-Za-z-]+)((?:;[^:"]*(?:"[^"]*")?)*):(.*)$/.exec(line);
    if (!m) continue;
    const name = m[1].toUpperCase();
    const value = unescape(m[3]);
    if (name === "BEGIN") card = {};
    else if (!card) continue;
    else if (name === "END") (cards.push(card), (card = null));
    else if (name === "FN") card.name = value;
    else if (name === "N") card.name ??= m[3].split(";").slice(0, 2).reverse().map(unescape).filter(Boolean).join(" ");
    else if (name === "EMAIL") card.email ??= value;
    else if (name === "TEL") card.phone ??= value.replace(/^tel:/, "");
    else if (name === "ORG") card.company ??= m[3].split(";").map(unescape)[0];
  }
  return cards;
}

/**
 * The type of a file by its name and beginning: "text/csv", "text/vcard", or "" for neither.
 *
 * @param {string} name
 * @param {string} text
 */
export function fileType(name, text) {
  if (/^\s*BEGIN:VCARD/i.test(text.replace(/^\ufeff/, ""))) return "text/vcard";
  if (/\.(vcf|vcard)$/i.test(name)) return "text/vcard";
  return /\.(csv|txt)$/i.test(name) || /^[^\n]*,[^\n]*\n/.test(text) ? "text/csv" : "";
}
