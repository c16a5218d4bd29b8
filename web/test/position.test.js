import assert from "node:assert/strict";
import { test } from "node:test";
import { comparePositions, later, wallMs } from "../static/assets/js/position.js";

test("positions are ordered as two unsigned numbers of any size, never rounded", () => {
  const ordered = [
    undefined,
    "0-0",
    "0-1",
    "9-18446744073709551615",
    "10-0",
    "7711162576473686525-0",
    "7711162576473686526-0",
    "18446744073709551615-0",
  ];
  for (let i = 0; i < ordered.length; i++)
    for (let j = 0; j < ordered.length; j++)
      assert.equal(Math.sign(comparePositions(ordered[i], ordered[j])), Math.sign(i - j), `${ordered[i]} and ${ordered[j]}`);
});

test("later takes the later of two, and the one that is known", () => {
  assert.equal(later("9-5", "10-0"), "10-0");
  assert.equal(later(undefined, "10-0"), "10-0");
  assert.equal(later("10-0", undefined), "10-0");
  assert.equal(later(undefined, undefined), undefined);
});

test("a position's second is the first half of its time", () => {
  assert.equal(wallMs(`${(1800000000n << 32n) | 7n}-3`), 1800000000000);
});
