import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenColumns, columnOfField, shownColumns } from "../static/assets/js/columns.js";
import { matchesKeys, shownKeys } from "../static/assets/js/commands.js";
import { addTags } from "../static/assets/js/merge.js";
import { ScrollScale } from "../static/assets/js/scroll-scale.js";
import { filterQuery, formatView, matcher, parseView, withoutValue, withValue } from "../static/assets/js/view.js";

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

test("several tags are in the URL, and a contact has to have all", () => {
  const view = parseView("?tag=vip&tag=new%20york&without=email&createdAfter=2026-01-01");
  assert.equal(formatView(view), "?tag=vip&tag=new+york&without=email&createdAfter=2026-01-01");
  assert.deepEqual(filterQuery(view).getAll("tag"), ["vip", "new york"]);
  const matches = matcher(view);
  const contact = { id: "a", kind: "person", tags: ["vip", "new york"], createdAt: "2026-05-05T00:00:00Z" };
  assert.ok(matches(contact));
  assert.ok(!matches({ ...contact, tags: ["vip"] }));
  assert.ok(!matches({ ...contact, emails: [{ value: "a@example.com" }] }));
  assert.equal(withValue(withValue("", "a"), "a"), "a");
  assert.equal(withoutValue(withValue("a", "b"), "a"), "b");
});

test("pasted tags are several, and differ in more than case", () => {
  assert.deepEqual(addTags(["VIP"], "vip,friend, Berlin ,,berlin"), ["VIP", "friend", "Berlin"]);
  assert.deepEqual(
    addTags([], "vip", () => "VIP"),
    ["VIP"],
  );
});

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
