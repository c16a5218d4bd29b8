import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenColumns, columnOfField, shownColumns } from "../static/assets/js/columns.js";

const chosen = ["name", "company", "email", "phone", "tags", "updated"];
const names = (...args) => shownColumns(...args).map(({ name }) => name);

test("columns without room are left out, the least important first", () => {
  assert.deepEqual(names(chosen, 1300, false), chosen);
  assert.deepEqual(names(chosen, 860, false), ["name", "company", "email", "tags", "updated"]);
  assert.deepEqual(names(chosen, 300, false), ["name"]);
  assert.deepEqual(names(["name", "updated", "title"], 1300, false), ["name", "updated", "title"]);
  assert.equal(columnOfField("emails"), "email");
  assert.equal(columnOfField("title"), "title");
});

test("other contents of the storage are the default", () => {
  for (const [stored, columns] of [
    [null, chosen],
    ["null", chosen],
    ['{"length":3}', chosen],
    ['"name"', chosen],
    ["[]", chosen],
    ["broken", chosen],
    ['["tags","owner","tags","x"]', ["name", "tags", "owner"]],
  ]) {
    globalThis.localStorage = { getItem: () => stored };
    assert.deepEqual(chosenColumns(), columns, stored ?? "nothing");
  }
  delete globalThis.localStorage;
});
