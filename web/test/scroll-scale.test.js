import assert from "node:assert/strict";
import { test } from "node:test";
import { ScrollScale } from "../static/assets/js/scroll-scale.js";

test("a list of any length can be scrolled to both ends", () => {
  const scale = new ScrollScale();
  for (const rows of [10, 100_000, 3_000_000]) {
    scale.set(rows * 42, 600);
    const end = Math.max(0, scale.elementHeight - 600);
    assert.equal(scale.listTop(0), 0);
    assert.ok(Math.abs(scale.listTop(end) - Math.max(0, rows * 42 - 600)) < 1);
    assert.ok(Math.abs(scale.scrollTop(scale.listTop(end / 3)) - end / 3) < 0.001);
    assert.ok(scale.elementHeight <= 15_000_000);
  }
});
