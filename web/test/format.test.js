import assert from "node:assert/strict";
import { test } from "node:test";
import { lastMonths } from "../static/assets/js/format.js";

test("months without contacts are included", () => {
  const shown = lastMonths(
    [
      { month: "2026-01", count: 3 },
      { month: "2025-11", count: 1 },
    ],
    new Date("2026-02-10"),
    4,
  );
  assert.deepEqual(shown, [
    { month: "2025-11", count: 1 },
    { month: "2025-12", count: 0 },
    { month: "2026-01", count: 3 },
    { month: "2026-02", count: 0 },
  ]);
});
