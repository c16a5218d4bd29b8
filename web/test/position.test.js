import assert from "node:assert/strict";
import { test } from "node:test";
import { comparePositions, laterPosition, positionTime } from "../static/assets/js/position.js";

test("positions compare as two unsigned numbers of any size, without rounding", () => {
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

test("laterPosition takes the later of two, or the one that is present", () => {
  assert.equal(laterPosition("9-5", "10-0"), "10-0");
  assert.equal(laterPosition(undefined, "10-0"), "10-0");
  assert.equal(laterPosition("10-0", undefined), "10-0");
  assert.equal(laterPosition(undefined, undefined), undefined);
});

test("positionTime is exact to the second", () => {
  assert.equal(positionTime(`${(1800000000n << 32n) | 7n}-3`), 1800000000000);
});
