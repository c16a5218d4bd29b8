// A position is MongoDB's cluster time as text, "<unsigned>-<unsigned>": ordered, and never a number,
// because JavaScript would round it.

const half = (a, b) => (a.length !== b.length ? (a.length < b.length ? -1 : 1) : a < b ? -1 : a > b ? 1 : 0);

/** Negative, zero or positive as a is before, at or after b. An absent position is before every other. */
export function comparePositions(a, b) {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0);
  const [a1, a2] = a.split("-");
  const [b1, b2] = b.split("-");
  return half(a1, b1) || half(a2, b2);
}

/** The later of two positions, either of which may be absent. */
export const later = (a, b) => (comparePositions(a, b) >= 0 ? a : b);

/** The second of MongoDB's clock in which the position lies, in milliseconds since 1970. */
export const wallMs = (p) => Number(BigInt(p.split("-")[0]) >> 32n) * 1000;
