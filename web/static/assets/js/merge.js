// Three versions of one contact: base is the version an edit began with, mine the edited one, and theirs
// the one that is now in MongoDB.

import { fieldNamed, fields, hasRows, isBlankRow } from "./contact-fields.js";
import { withPlainLineEnds } from "./line-ends.js";

/** @param {unknown} v */
const isEmpty = (v) => v === undefined || v === null || v === "" || (Array.isArray(v) && v.length === 0);

/**
 * Whether two values are the same for a person: an empty field equals an absent one, and all line ends are alike.
 *
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function sameValue(a, b) {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a === "string" && typeof b === "string") return withPlainLineEnds(a) === withPlainLineEnds(b);
  if (typeof a !== "object") return a === b;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => sameValue(v, b[i]));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((k) => sameValue(a[k], b[k]));
}

/**
 * The names of the fields in which two contacts differ.
 *
 * @param {any} a
 * @param {any} b
 * @returns {string[]}
 */
export const changedFields = (a, b) => fields.map(({ name }) => name).filter((name) => !sameValue(a[name], b[name]));

/**
 * The JSON merge patch (RFC 7396) that turns base into mine; null removes a field.
 *
 * @param {any} base
 * @param {any} mine
 */
export function createMergePatch(base, mine) {
  /** @type {Record<string, any>} */
  const patch = {};
  for (const name of changedFields(base, mine)) patch[name] = isEmpty(mine[name]) ? (Array.isArray(mine[name]) ? [] : null) : mine[name];
  return patch;
}

/**
 * Moves an edit onto a newer version of the contact. A field that nobody edits here gets their value. A field that both
 * changed keeps the edited value; the person has to decide.
 *
 * @param {any} base
 * @param {any} mine
 * @param {any} theirs
 * @returns {{mine: any, conflicts: string[]}} conflicts: the names of the fields that both changed
 */
export function rebase(base, mine, theirs) {
  const moved = structuredClone(theirs);
  const conflicts = [];
  const edited = normalize(mine);
  for (const { name } of fields) {
    if (sameValue(mine[name], base[name])) continue;
    moved[name] = mine[name];
    if (!sameValue(base[name], theirs[name]) && !sameValue(edited[name], theirs[name])) conflicts.push(name);
  }
  return { mine: moved, conflicts };
}

/** @param {any} v */
const trim = (v) => (typeof v === "string" ? v.trim() : v);

/**
 * The editable fields of a contact with trimmed text and without blank tags and rows, as they are sent.
 *
 * @param {any} contact
 * @returns {any}
 */
export function normalize(contact) {
  /** @type {any} */
  const normalized = contact.kind ? { kind: contact.kind } : {};
  for (const field of fields) {
    const value = contact[field.name];
    if (hasRows(field)) normalized[field.name] = (value ?? []).filter((/** @type {any} */ row) => !isBlankRow(row)).map(normalizeRow);
    else if (field.input === "tags") normalized.tags = [...new Set((value ?? []).map(trim).filter(Boolean))];
    else if (value !== undefined) normalized[field.name] = trim(value);
  }
  return normalized;
}

/** @param {Record<string, any>} row */
function normalizeRow(row) {
  const parts = Object.entries(row).map(([name, value]) => [name, trim(value)]);
  return Object.fromEntries(parts.filter(([, value]) => value));
}

/**
 * Moves the errors of an answer to the rows of the form: blank rows were not sent, so later rows have higher numbers there.
 *
 * @param {Record<string, string>} errors by JSON pointer
 * @param {any} contact as it is in the form
 * @returns {Record<string, string>}
 */
export function placeErrors(errors, contact) {
  /** @param {string} pointer */
  const place = (pointer) => {
    const [, name, index, ...rest] = pointer.split("/");
    if (index === undefined || !hasRows(fieldNamed(name))) return pointer;
    const rows = (contact[name] ?? []).flatMap((/** @type {any} */ row, /** @type {number} */ i) => (isBlankRow(row) ? [] : [i]));
    return ["", name, rows[Number(index)] ?? index, ...rest].join("/");
  };
  return Object.fromEntries(Object.entries(errors).map(([pointer, detail]) => [place(pointer), detail]));
}
