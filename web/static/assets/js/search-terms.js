// What a search asks for, and whether it finds a contact: the same decision and the same order as the server's. Package
// derived says more. With it the page knows where a changed contact belongs in a search's result.

import { compareTexts, firstCharacters, fold } from "./fold.js";
import { phoneForms, phoneStarts } from "./phones.js";
import { MAX_WORD, split, unspacedName, wordsOf } from "./words.js";

const MAX_ENTRIES = 50; // of each list of a contact
const MAX_EMAIL = 254;
const MAX_PHONE = 200;
const MAX_WORDS = 512; // of one contact
const RANK_STEP = 256; // between the ranks of two classes

/** The classes of words, the best one first. A phone number comes after all of them. */
const classes = ["n", "e", "c"];

/**
 * @typedef {object} Term a word, a phone number, or both
 * @property {string} word folded; empty: none
 * @property {string[]} phones starts of forms of a phone number
 * @property {Term[]} parts of a number that is written in several parts: it may also be several numbers or words
 */

/** @typedef {{rank: number, entry: string}} Hit the place of a contact among those that a search finds */
/** @typedef {{class: number, start: boolean, entry: string}} TermHit how one term finds a contact; start: only by the start of a word */

/**
 * @param {string} word
 * @param {string[] | null} [phones]
 * @param {Term[]} [parts]
 * @returns {Term}
 */
const term = (word, phones, parts = []) => ({ word, phones: phones ?? [], parts });

const isPhoneText = (/** @type {string} */ chunk) => /^[\d+()./−\p{Pd}]*$/u.test(chunk);
const extension = /^(?:ext\.?|x)/; // stands in front of the digits of an extension, perhaps with a blank between them

/**
 * How many chunks from the i-th on are written as one phone number.
 *
 * @param {string[]} chunks
 * @param {number} i
 */
function numberChunks(chunks, i) {
  let n = 0;
  while (i + n < chunks.length) {
    const chunk = chunks[i + n];
    if (isPhoneText(n ? chunk : chunk.replace(/^tel:/, ""))) n++;
    else if (n && extension.test(chunk) && hasExtension(chunk.replace(extension, ""))) n++;
    else if (n && chunk.replace(extension, "") === "" && hasExtension(chunks[i + n + 1] ?? "")) n += 2;
    else break;
  }
  return n;
}

const hasExtension = (/** @type {string} */ text) => /\d/.test(text) && isPhoneText(text);

/**
 * The terms of a search, or none if the text has neither a letter nor a digit. Words that are written as parts of one phone
 * number are one term.
 *
 * @param {string} q
 * @returns {Term[]}
 */
export function parseSearch(q) {
  /** @type {Term[]} */
  const terms = [];
  const chunks = fold(q).split(" ").filter(Boolean);
  for (let i = 0; i < chunks.length;) {
    let end = i + numberChunks(chunks, i);
    if (end > i) terms.push(...numberTerms(chunks.slice(i, end)));
    else terms.push(...wordTerms(chunks[end++]));
    i = end;
  }
  return terms;
}

/**
 * The term of one phone number that is written in chunks, or none if they have no digit.
 *
 * @param {string[]} chunks
 */
function numberTerms(chunks) {
  const parts = chunks.flatMap((chunk) => {
    const words = wordTerms(chunk);
    if (!words.length) return [];
    return words.length === 1 ? [term(words[0].word, phoneStarts(chunk))] : [term("", phoneStarts(chunk), words)];
  });
  if (parts.length <= 1 && chunks.length === 1) return parts;
  const starts = phoneStarts(chunks.join(""));
  return parts.length && starts ? [term("", starts, parts)] : parts;
}

/**
 * The words of a text without blanks. An address is one word.
 *
 * @param {string} chunk
 */
function wordTerms(chunk) {
  let spans = split(chunk);
  if (spans.length && chunk.includes("@")) spans = [{ ...spans[0], end: spans[spans.length - 1].end }];
  return spans.map(({ start, end }) => {
    const word = firstCharacters(chunk.slice(start, end), MAX_WORD);
    return term(word, isPhoneText(word) ? phoneStarts(word) : null);
  });
}

/**
 * The words with their class in front, and the forms of the phone numbers. Each word is there once, in its best class.
 *
 * @param {PartialContact} contact
 */
function searchedTexts(contact) {
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {string[]} */
  const words = [];
  const add = (/** @type {string} */ name, /** @type {(string | undefined)[]} */ texts) => {
    for (const text of texts) {
      for (const word of text ? wordsOf(firstCharacters(text, MAX_EMAIL)) : []) {
        if (seen.has(word) || words.length >= MAX_WORDS) continue;
        seen.add(word);
        words.push(`${name}:${word}`);
      }
    }
  };
  const { lastName, firstName, middleName, nickname, name, prefix, suffix, company, title, tags = [], emails = [], phones = [] } = contact;
  add("n", [lastName, firstName, middleName, nickname, name, prefix, suffix, unspacedName(lastName ?? "", firstName ?? "")]);
  add(
    "e",
    emails.slice(0, MAX_ENTRIES).map(({ value }) => value),
  );
  add("c", [company, title, ...tags.slice(0, MAX_ENTRIES)]);
  const forms = phones.slice(0, MAX_ENTRIES).flatMap(({ value = "" }) => phoneForms(firstCharacters(value, MAX_PHONE)));
  return { words, forms };
}

/**
 * @param {TermHit} a
 * @param {TermHit} b
 */
const compareTermHits = (a, b) => a.class - b.class || Number(a.start) - Number(b.start) || compareTexts(a.entry, b.entry);

/**
 * The best hit of a term.
 *
 * @param {Term} searched
 * @param {{words: string[], forms: string[]}} texts
 * @returns {TermHit | null}
 */
function matchTerm({ word, phones, parts }, texts) {
  /** @type {TermHit | null} */
  let best = null;
  const take = (/** @type {TermHit} */ hit) => {
    if (!best || compareTermHits(hit, best) < 0) best = hit;
  };
  const takeEntries = (/** @type {number} */ index, /** @type {string[]} */ entries, /** @type {string} */ start) => {
    for (const entry of entries) if (entry.startsWith(start)) take({ class: index, start: entry !== start, entry });
  };
  if (word) classes.forEach((name, i) => takeEntries(i, texts.words, `${name}:${word}`));
  for (const start of phones) takeEntries(classes.length, texts.forms, start);
  const hit = parts.length ? matchAll(parts, texts) : null;
  if (hit) take(hit);
  return best;
}

/**
 * The worst hit of several parts, with the entry of the first one.
 *
 * @param {Term[]} parts
 * @param {{words: string[], forms: string[]}} texts
 * @returns {TermHit | null}
 */
function matchAll(parts, texts) {
  const worst = { class: 0, start: false, entry: "" };
  for (const [i, part] of parts.entries()) {
    const hit = matchTerm(part, texts);
    if (!hit) return null;
    if (i === 0) worst.entry = hit.entry;
    worst.class = Math.max(worst.class, hit.class);
    worst.start ||= hit.start;
  }
  return worst;
}

/**
 * Returns a function that gives the place of a contact among those that the search finds; null if it does not find the
 * contact. It remembers the place, because contacts do not change.
 *
 * @param {string} q
 * @returns {(contact: PartialContact) => Hit | null}
 */
export function hitFinder(q) {
  const terms = parseSearch(q);
  /** @type {WeakMap<PartialContact, Hit | null>} */
  const known = new WeakMap();
  return (contact) => {
    let hit = known.get(contact);
    if (hit === undefined) {
      hit = terms.length ? findHit(terms, contact) : null;
      known.set(contact, hit);
    }
    return hit;
  };
}

/**
 * The place of a contact among those that the search finds; null if it does not find the contact.
 *
 * @param {Term[]} terms
 * @param {PartialContact} contact
 * @returns {Hit | null}
 */
export function findHit(terms, contact) {
  const texts = searchedTexts(contact);
  let worst = 0;
  let starts = 0;
  let entry = "";
  for (const [i, searched] of terms.entries()) {
    const hit = matchTerm(searched, texts);
    if (!hit) return null;
    if (i === 0) entry = hit.entry;
    worst = Math.max(worst, hit.class);
    starts += Number(hit.start);
  }
  return { rank: worst * RANK_STEP + Math.min(starts, RANK_STEP - 1), entry };
}
