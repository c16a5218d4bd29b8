// Finds the words of a search in a text, so that they can be shown as <mark> elements. Nothing here makes
// HTML.

const lowerCase = (/** @type {string} */ s) => s.toLowerCase();
const withoutAccents = (/** @type {string} */ s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Splits text into parts with and without a hit, as MongoDB's $text search would find them. A hit is the
 * beginning of a word that starts with one of the words searched for, in any case. With wholeWords, a hit
 * is a whole word, with or without its accents.
 *
 * @param {string | undefined} text
 * @param {string[]} words
 * @returns {{text: string, hit: boolean}[]}
 */
export function segments(text, words, wholeWords = false) {
  const searched = words.map(wholeWords ? withoutAccents : lowerCase);
  const hitLength = (/** @type {string} */ word) => {
    if (wholeWords) return searched.includes(withoutAccents(word)) ? word.length : 0;
    const lower = lowerCase(word);
    if (lower.length !== word.length) return 0; // lower-casing moved the letters
    return Math.max(0, ...searched.filter((w) => lower.startsWith(w)).map((w) => w.length));
  };
  const all = text ?? "";
  const parts = [];
  let from = 0;
  for (const { 0: word, index } of searched.length ? all.matchAll(/[\p{L}\p{N}\p{M}]+/gu) : []) {
    const length = hitLength(word);
    if (!length) continue;
    if (index > from) parts.push({ text: all.slice(from, index), hit: false });
    from = index + length;
    parts.push({ text: all.slice(index, from), hit: true });
  }
  if (from < all.length || !parts.length) parts.push({ text: all.slice(from), hit: false });
  return parts;
}

/**
 * The words of a text in the search box.
 *
 * @param {string} text
 * @returns {string[]}
 */
export const searchWords = (text) => (text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).slice(0, 8);
