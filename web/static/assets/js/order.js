// The order of the list, equal to the server's: text by the collation of MongoDB's "en" at strength 2
// (case does not count), absent text first, ties by id, all in the sort's direction. Events do not say
// where a contact belongs; the page decides it with this order.

const collator = new Intl.Collator("en", { sensitivity: "accent" });

/** @type {Record<string, (contact: Contact) => (string | number | undefined)[]>} */
const sortKeys = {
  name: (c) => [c.lastName || c.name, c.firstName],
  company: (c) => [c.company],
  createdAt: (c) => [Date.parse(c.createdAt ?? "") || 0],
  updatedAt: (c) => [Date.parse(c.updatedAt ?? "") || 0],
};

/**
 * @param {any} x
 * @param {any} y
 */
function compareValues(x, y) {
  if (typeof x === "number") return x - y;
  return x && y ? collator.compare(x, y) : Number(Boolean(x)) - Number(Boolean(y));
}

/**
 * A comparator of contacts for a sort such as "name" or "-updatedAt".
 *
 * @param {string} sort
 * @returns {(a: Contact, b: Contact) => number}
 */
export function comparator(sort) {
  const descending = sort.startsWith("-");
  const sortKey = sortKeys[sort.replace(/^-/, "")] ?? sortKeys.name;
  return (a, b) => {
    const x = sortKey(a);
    const y = sortKey(b);
    let order = 0;
    for (let i = 0; i < x.length && !order; i++) order = compareValues(x[i], y[i]);
    order ||= a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
    return descending ? -order : order;
  };
}
