import assert from "node:assert/strict";
import { test } from "node:test";
import { applyChoices, changedFields, findConflicts, createMergePatch, normalize, sameValue } from "../static/assets/js/merge.js";

const base = {
  kind: "person",
  firstName: "Ada",
  lastName: "Lovelace",
  email: "ada@example.com",
  tags: ["a"],
  addresses: [{ city: "London" }],
};

test("an empty field and an absent one are the same", () => {
  for (const [a, b] of [
    ["", undefined],
    [null, ""],
    [[], undefined],
    [{ city: "" }, {}],
  ])
    assert.ok(sameValue(a, b));
  for (const [a, b] of [
    ["a", "b"],
    [["a"], ["a", "b"]],
    [
      ["a", "b"],
      ["b", "a"],
    ],
    [{ city: "x" }, {}],
    [0, ""],
  ])
    assert.ok(!sameValue(a, b), JSON.stringify([a, b]));
});

test("a patch contains the changed fields; null removes one", () => {
  assert.deepEqual(createMergePatch(base, { ...base, email: "", phone: "1", tags: [] }), { email: null, phone: "1", tags: [] });
  assert.deepEqual(createMergePatch(base, structuredClone(base)), {});
});

test("a field that one side changed is decided, one that both changed is not", () => {
  const mine = { ...base, email: "mine@example.com", lastName: "King" };
  const theirs = { ...base, email: "theirs@example.com", notes: "theirs" };
  const list = findConflicts(base, mine, theirs);
  assert.deepEqual(
    list.map((c) => [c.name, c.choice]),
    [
      ["lastName", "mine"],
      ["email", ""],
      ["notes", "theirs"],
    ],
  );
  list[1].choice = "mine";
  const merged = applyChoices(theirs, list);
  assert.equal(merged.email, "mine@example.com");
  assert.equal(merged.lastName, "King");
  assert.equal(merged.notes, "theirs");
});

test("the same change on both sides is no conflict", () => {
  assert.deepEqual(findConflicts(base, { ...base, phone: "1" }, { ...base, phone: "1" }), []);
});

test("normalize trims, drops blank tags and addresses, and keeps only editable fields", () => {
  const out = normalize({
    ...base,
    id: "x",
    fullName: "y",
    firstName: " Ada ",
    tags: [" a", "a", ""],
    addresses: [{ city: " " }, { street: "1 St " }],
  });
  assert.deepEqual(out, {
    kind: "person",
    firstName: "Ada",
    lastName: "Lovelace",
    email: "ada@example.com",
    tags: ["a"],
    addresses: [{ street: "1 St" }],
  });
  assert.deepEqual(changedFields(base, normalize(base)), []);
});
