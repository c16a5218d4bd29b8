// A position is MongoDB's cluster time as text, "<unsigned>-<unsigned>". The halves are compared as text,
// because a JavaScript number would round them.

/**
 * @param {string} a
 * @param {string} b
 */
const compareDecimals = (a, b) => (a.length !== b.length ? (a.length < b.length ? -1 : 1) : a < b ? -1 : a > b ? 1 : 0);

/**
 * Negative, zero or positive if a is before, equal to or after b. An absent position is before all others.
 *
 * @param {MaybePosition} a
 * @param {MaybePosition} b
 */
export function comparePositions(a, b) {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0);
  const [time1, increment1] = a.split("-");
  const [time2, increment2] = b.split("-");
  return compareDecimals(time1, time2) || compareDecimals(increment1, increment2);
}

/**
 * The later of two positions, either of which may be absent.
 *
 * @param {MaybePosition} a
 * @param {MaybePosition} b
 */
export const laterPosition = (a, b) => (comparePositions(a, b) >= 0 ? a : b);

/**
 * The time of a position on MongoDB's clock, in milliseconds since 1970 and exact to the second.
 *
 * @param {Position} position
 */
export const positionTime = (position) => Number(BigInt(position.split("-")[0]) >> 32n) * 1000;
