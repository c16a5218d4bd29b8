import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keepEdits, keepPlace, takeEdits, takePlace } from "../static/assets/js/kept.js";

/** @type {Map<string, string>} */
const stored = new Map();
globalThis.localStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, text) => stored.set(key, text),
  removeItem: (key) => stored.delete(key),
};
beforeEach(() => stored.clear());

const DAY = 24 * 60 * 60 * 1000;
const edit = (workspace, at = Date.now()) => ({ workspace, id: "", base: {}, mine: { firstName: "Ada" }, typedTag: "", at });
const all = () => true;

test("edits come back to their writer, once, and to nobody else", () => {
  keepEdits("first", [edit("a")]);
  keepEdits("first", [edit("b")]); // of another tab
  assert.deepEqual(takeEdits("second", all), []);
  assert.deepEqual(
    takeEdits("first", all).map(({ workspace }) => workspace),
    ["b", "a"],
  );
  assert.deepEqual(takeEdits("first", all), []);
  assert.equal(stored.size, 0);
});

test("edits of a workspace that is closed to the person wait", () => {
  keepEdits("first", [edit("a"), edit("b")]);
  assert.equal(takeEdits("first", (workspace) => workspace === "a").length, 1);
  assert.equal(takeEdits("first", all)[0].workspace, "b");
});

test("edits are kept for two weeks", () => {
  keepEdits("first", [edit("a", Date.now() - 15 * DAY), edit("b", Date.now() - 13 * DAY)]);
  assert.deepEqual(
    takeEdits("first", all).map(({ workspace }) => workspace),
    ["b"],
  );
});

test("the place is kept for one person, once", () => {
  globalThis.location = { pathname: "/", search: "?workspace=a" };
  keepPlace("first");
  assert.equal(takePlace("second"), "");
  assert.equal(takePlace("first"), "/?workspace=a");
  assert.equal(takePlace("first"), "");
});
