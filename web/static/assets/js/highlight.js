// Finds the words of a search in a text.

import { fold } from "./fold.js";
import { isUnspaced } from "./words.js";

/**
 * The length of the beginning of a word that folds to the searched text; 0 if there is none.
 *
 * @param {string} word
 * @param {string[]} searched folded
 */
function hitLength(word, searched) {
  const folded = fold(word);
  const length = Math.max(0, ...searched.filter((text) => folded.startsWith(text)).map((text) => text.length));
  let end = 0;
  for (const character of length ? word : "") {
    const next = end + character.length;
    // Marks belong to the letter before them.
    if (end && fold(word.slice(0, end)).length >= length && !/\p{M}/u.test(character)) break;
    end = next;
  }
  return end;
}

/**
 * Splits text into parts with and without a hit. A hit is the beginning of a word that starts with one of the words searched
 * for; case and accents do not matter. In Chinese, Japanese and Korean it is any part.
 *
 * @param {string | undefined} text
 * @param {string[]} words
 * @returns {{text: string, hit: boolean}[]}
 */
export function segments(text, words) {
  const searched = words.map(fold).filter(Boolean);
  const all = text ?? "";
  const parts = [];
  let from = 0;
  for (const { 0: word, index } of searched.length ? all.matchAll(/[\p{L}\p{N}\p{M}'’]+/gu) : []) {
    for (let i = 0; i < (isUnspaced(word) ? word.length : 1); i++) {
      const length = index + i < from ? 0 : hitLength(word.slice(i), searched);
      if (!length) continue;
      if (index + i > from) parts.push({ text: all.slice(from, index + i), hit: false });
      from = index + i + length;
      parts.push({ text: all.slice(index + i, from), hit: true });
    }
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
export const searchWords = (text) => (text.match(/[\p{L}\p{N}\p{M}'’]+/gu) ?? []).slice(0, 8);

/**
 * The part of a long text around its first hit; empty if there is none.
 *
 * @param {string} text
 * @param {string[]} words
 */
export function snippet(text, words) {
  const parts = segments(text, words);
  const hit = parts.findIndex((p) => p.hit);
  if (hit < 0) return "";
  const at = parts.slice(0, hit).reduce((n, p) => n + p.text.length, 0);
  return `${at > 24 ? "…" : ""}${text.slice(at > 24 ? at - 20 : 0, at + 80)}`;
}
