// The order of a list, as the server orders it: text by lower-cased code points, ties by id, all in
// the sort's direction. An event carries one contact; where it belongs is decided here.

const lower = (s) => (s ?? "").toLowerCase();

const keys = {
  name: (c) => [lower(c.lastName || c.name), lower(c.firstName)],
  company: (c) => [lower(c.company)],
  createdAt: (c) => [Date.parse(c.createdAt) || 0],
  updatedAt: (c) => [Date.parse(c.updatedAt) || 0],
};

export const sorts = Object.keys(keys);

/** Compares text by code point, as the database does; `<` on strings goes by UTF-16 unit. */
export function compareText(a, b) {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above every other unit.
    if (x >= 0xd800 && x <= 0xdfff) x += 0x10000;
    if (y >= 0xd800 && y <= 0xdfff) y += 0x10000;
    return x - y;
  }
  return a.length - b.length;
}

/** A comparator of contacts for a sort such as "name" or "-updatedAt". */
export function comparator(sort) {
  const down = sort.startsWith("-");
  const key = keys[sort.replace(/^-/, "")] ?? keys.name;
  return (a, b) => {
    const x = key(a);
    const y = key(b);
    let d = 0;
    for (let i = 0; i < x.length && !d; i++) d = typeof x[i] === "string" ? compareText(x[i], y[i]) : x[i] - y[i];
    d ||= compareText(a.id, b.id);
    return down ? -d : d;
  };
}
