// The order of the list, equal to the server's. Events do not say where a contact belongs; the page decides it with this
// order.

import { companyText, compareTexts, nameText, NO_TEXT } from "./fold.js";
import { hitFinder } from "./search-terms.js";

/** @typedef {string | number} Key */

/** @type {Record<string, (contact: Contact) => Key[]>} */
const sortKeys = {
  name: (c) => [nameText(c)],
  company: (c) => [companyText(c), nameText(c)],
  createdAt: (c) => [Date.parse(c.createdAt ?? "") || 0],
  updatedAt: (c) => [Date.parse(c.updatedAt ?? "") || 0],
};

/**
 * @param {Key} x
 * @param {Key} y
 */
const compareKeys = (x, y) => (typeof x === "number" ? x - Number(y) : compareTexts(x, String(y)));

/**
 * A comparator by keys, then by id. Contacts whose first key is no text come last in both directions. It remembers the keys
 * of a contact, because making them takes long.
 *
 * @param {(contact: Contact) => Key[]} keysOf
 * @returns {(a: Contact, b: Contact) => number}
 */
function comparatorBy(keysOf, descending = false) {
  /** @type {WeakMap<Contact, Key[]>} */
  const known = new WeakMap();
  const keys = (/** @type {Contact} */ contact) => {
    let list = known.get(contact);
    if (!list) known.set(contact, (list = keysOf(contact)));
    return list;
  };
  const direction = descending ? -1 : 1;
  return (a, b) => {
    const [x, y] = [keys(a), keys(b)];
    if ((x[0] === NO_TEXT) !== (y[0] === NO_TEXT)) return x[0] === NO_TEXT ? 1 : -1;
    for (let i = 0; i < x.length; i++) {
      const order = compareKeys(x[i], y[i]);
      if (order) return order * direction;
    }
    return (a.id < b.id ? -1 : Number(a.id > b.id)) * direction;
  };
}

/**
 * A comparator of contacts for a sort such as "name" or "-updatedAt".
 *
 * @param {string} sort
 */
export const comparator = (sort) => comparatorBy(sortKeys[sort.replace(/^-/, "")] ?? sortKeys.name, sort.startsWith("-"));

/**
 * A comparator of the contacts that a search finds: the best hits first.
 *
 * @param {string} q
 * @param {ReturnType<typeof hitFinder>} hitOf finds the place of a contact in the search
 */
export function searchComparator(q, hitOf = hitFinder(q)) {
  return comparatorBy((contact) => {
    const hit = hitOf(contact);
    return [hit?.rank ?? Infinity, hit?.entry ?? "", nameText(contact)];
  });
}
