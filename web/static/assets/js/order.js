// The order of a list, as the server orders it: text in any case by the collation of MongoDB's "en"
// at strength 2, absent text first, ties by id, all in the sort's direction. An event carries one
// contact; where it belongs is decided here.

const collator = new Intl.Collator("en", { sensitivity: "accent" });

const keys = {
  name: (c) => [c.lastName || c.name, c.firstName],
  company: (c) => [c.company],
  createdAt: (c) => [Date.parse(c.createdAt) || 0],
  updatedAt: (c) => [Date.parse(c.updatedAt) || 0],
};

function compareKeys(x, y) {
  if (typeof x === "number") return x - y;
  return x && y ? collator.compare(x, y) : Number(Boolean(x)) - Number(Boolean(y));
}

/** A comparator of contacts for a sort such as "name" or "-updatedAt". */
export function comparator(sort) {
  const down = sort.startsWith("-");
  const key = keys[sort.replace(/^-/, "")] ?? keys.name;
  return (a, b) => {
    const x = key(a);
    const y = key(b);
    let d = 0;
    for (let i = 0; i < x.length && !d; i++) d = compareKeys(x[i], y[i]);
    d ||= a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
    return down ? -d : d;
  };
}
