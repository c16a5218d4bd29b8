import assert from "node:assert/strict";
import { test } from "node:test";
import german from "../static/assets/js/texts/de.js";
import { t } from "../static/assets/js/texts.js";
import "./english.js";
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
  assert.ok(matchesKeys(key("?", { shiftKey: true }), "?"));
  assert.ok(!matchesKeys(key("S", { ctrlKey: true, shiftKey: true }), "Ctrl S")); // Firefox has commands of its own there
  assert.deepEqual(shownKeys("Alt ArrowUp / Alt ArrowDown"), ["Alt", "↑", "/", "Alt", "↓"]);
  assert.deepEqual(shownKeys("Ctrl Delete"), ["Ctrl", "Delete"]);
  const { keys } = t;
  t.keys = german.keys;
  assert.deepEqual(shownKeys("Ctrl Delete / Home / End / Escape"), ["Strg", "Entf", "/", "Pos1", "/", "Ende", "/", "Esc"]);
  t.keys = keys;
});
