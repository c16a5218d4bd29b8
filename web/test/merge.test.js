import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyChoices,
  changedFields,
  findConflicts,
  createMergePatch,
  normalize,
  placeErrors,
  sameValue,
} from "../static/assets/js/merge.js";

const base = {
  kind: "person",
  firstName: "Ada",
  lastName: "Lovelace",
  emails: [{ label: "work", value: "ada@example.com" }],
  tags: ["a"],
  addresses: [{ city: "London" }],
};
const email = (value) => [{ label: "work", value }];

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
  assert.deepEqual(createMergePatch(base, { ...base, lastName: "", emails: [], phones: [{ value: "1" }], tags: [] }), {
    lastName: null,
    emails: [],
    phones: [{ value: "1" }],
    tags: [],
  });
  assert.deepEqual(createMergePatch(base, structuredClone(base)), {});
});

test("a field that one side changed is decided, one that both changed is not", () => {
  const mine = { ...base, emails: email("mine@example.com"), lastName: "King" };
  const theirs = { ...base, emails: email("theirs@example.com"), notes: "theirs" };
  const list = findConflicts(base, mine, theirs);
  assert.deepEqual(
    list.map((c) => [c.name, c.choice]),
    [
      ["lastName", "mine"],
      ["emails", ""],
      ["notes", "theirs"],
    ],
  );
  list[1].choice = "mine";
  const merged = applyChoices(theirs, list);
  assert.deepEqual(merged.emails, email("mine@example.com"));
  assert.equal(merged.lastName, "King");
  assert.equal(merged.notes, "theirs");
});

test("the same change on both sides is no conflict", () => {
  assert.deepEqual(findConflicts(base, { ...base, phones: [{ value: "1" }] }, { ...base, phones: [{ label: "", value: "1" }] }), []);
});

test("normalize trims, drops blank tags and rows, and keeps only editable fields", () => {
  const out = normalize({
    ...base,
    id: "x",
    fullName: "y",
    firstName: " Ada ",
    tags: [" a", "a", ""],
    emails: [
      { label: "home", value: " " },
      { label: "", value: "" },
      { label: " work", value: " ada@example.com " },
    ],
    addresses: [{ label: "home", city: " " }, { street: "1 St " }],
  });
  const empty = { phones: [], dates: [], urls: [], related: [], custom: [] };
  assert.deepEqual(out, {
    ...{ ...base, ...empty },
    ...{ addresses: [{ street: "1 St" }] },
  });
  assert.deepEqual(changedFields(base, normalize(base)), []);
});

test("errors of an answer are placed at the rows of the form, also behind blank rows", () => {
  const contact = { emails: [{ label: "work" }, { value: "a" }, {}, { value: "b" }], tags: ["", "x"] };
  const errors = {
    "/emails/1/value": "is bad",
    "/emails/0/label": "is long",
    "/emails": "too many",
    "/tags/0": "is long",
    "/firstName": "is missing",
  };
  assert.deepEqual(placeErrors(errors, contact), {
    "/emails/3/value": "is bad",
    "/emails/1/label": "is long",
    "/emails": "too many",
    "/tags/0": "is long",
    "/firstName": "is missing",
  });
});
