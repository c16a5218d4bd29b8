// The words by which a search finds a contact, equal to the server's: package derived makes the same ones for MongoDB.

import { firstCharacters, fold } from "./fold.js";

export const MAX_WORD = 48; // characters; a longer word is cut, in contacts and in searches
const MAX_SUFFIXES = 32; // words of one run of Chinese, Japanese or Korean characters

const separator = /[^\p{L}\p{M}\p{N}]/u;
const separatorsAtEnd = /[^\p{L}\p{M}\p{N}]+$/u;
const mark = /\p{M}/u;
// Scripts without blanks between words. The prolonged sound ー belongs to two of them.
const unspaced = /[ー\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;

/**
 * Whether a text has characters of a script in which any part of a run can be searched for.
 *
 * @param {string} text
 */
export const isUnspaced = (text) => unspaced.test(text);

/**
 * A person's last and first name as people write them in scripts that have no blank between them, or "".
 *
 * @param {string} last
 * @param {string} first
 */
export const unspacedName = (last, first) =>
  last && first && [...(last + first)].every((character) => unspaced.test(character) || mark.test(character)) ? last + first : "";

/** @typedef {{start: number, end: number, anyPart: boolean}} Span the place of a word in a text */

/**
 * Finds the words of a folded text. A run of Chinese, Japanese or Korean characters is a word of its own.
 *
 * @param {string} folded
 */
export function split(folded) {
  /** @type {Span[]} */
  const spans = [];
  let inWord = false;
  let start = 0;
  for (const character of folded) {
    const end = start + character.length;
    const last = spans[spans.length - 1];
    const anyPart = unspaced.test(character);
    if (separator.test(character)) inWord = false;
    else if (inWord && (mark.test(character) || anyPart === last.anyPart)) last.end = end;
    else {
      spans.push({ start, end, anyPart });
      inWord = true;
    }
    start = end;
  }
  return spans;
}

/**
 * What follows from each character of a run but the first.
 *
 * @param {string} run
 */
function suffixes(run) {
  /** @type {string[]} */
  const list = [];
  let start = 0;
  for (const character of run) {
    if (start > 0 && !mark.test(character)) list.push(firstCharacters(run.slice(start), MAX_WORD));
    if (list.length === MAX_SUFFIXES) break;
    start += character.length;
  }
  return list;
}

/**
 * The words of a text, without repetition. Words in Go says more.
 *
 * @param {string} text
 */
export function wordsOf(text) {
  /** @type {Set<string>} */
  const words = new Set();
  for (const chunk of fold(text).split(" ")) {
    const isAddress = chunk.includes("@");
    for (const { start, end, anyPart } of split(chunk)) {
      const word = chunk.slice(start, end);
      words.add(firstCharacters(word, MAX_WORD));
      if (anyPart) for (const suffix of suffixes(word)) words.add(suffix);
      if (isAddress) words.add(firstCharacters(chunk.slice(start).replace(separatorsAtEnd, ""), MAX_WORD));
    }
  }
  return [...words];
}
