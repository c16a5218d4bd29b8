import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesKeys, shownKeys } from "../static/assets/js/keys.js";

test("keys are found by their letter, with Caps Lock and on other keyboards", () => {
  const key = (name, more) => ({ key: name, code: "", ctrlKey: false, metaKey: false, altKey: false, ...more });
  assert.ok(matchesKeys(key("n"), "N"));
  assert.ok(matchesKeys(key("N"), "N"));
  assert.ok(matchesKeys(key("т", { code: "KeyN" }), "N"));
  assert.ok(matchesKeys(key("s", { metaKey: true }), "Ctrl S / Ctrl Enter"));
  assert.ok(matchesKeys(key("Enter", { ctrlKey: true }), "Ctrl S / Ctrl Enter"));
  assert.ok(!matchesKeys(key("n", { altKey: true }), "N"));
  assert.ok(!matchesKeys(key("n", { ctrlKey: true }), "N"));
  assert.deepEqual(shownKeys("Alt ArrowUp / Alt ArrowDown"), ["Alt", "↑", "/", "Alt", "↓"]);
});
