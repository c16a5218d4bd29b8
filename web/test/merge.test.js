import assert from "node:assert/strict";
import { test } from "node:test";
import { changedFields, createMergePatch, normalize, placeErrors, rebase, sameValue } from "../static/assets/js/merge.js";

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

test("only a field that both sides changed is a conflict; the others merge", () => {
  const mine = { ...base, emails: email("mine@example.com"), lastName: "King" };
  const theirs = { ...base, emails: email("theirs@example.com"), notes: "theirs" };
  const rebased = rebase(base, mine, theirs);
  assert.deepEqual(rebased.conflicts, ["emails"]);
  assert.deepEqual(rebased.mine, { ...base, emails: email("mine@example.com"), lastName: "King", notes: "theirs" });
});

test("the same change on both sides is no conflict", () => {
  const phones = [{ value: "1" }];
  assert.deepEqual(rebase(base, { ...base, phones }, { ...base, phones: [{ label: "", value: "1" }] }).conflicts, []);
});

test("what is being typed stays, also where it counts for nothing yet", () => {
  const mine = { ...base, notes: "a thought ", emails: [...base.emails, {}] };
  const rebased = rebase({ ...base, notes: "a thought" }, mine, { ...base, notes: "a thought", emails: email("theirs@example.com") });
  assert.equal(rebased.mine.notes, "a thought ");
  assert.deepEqual(rebased.mine.emails, mine.emails);
  assert.deepEqual(rebased.conflicts, ["emails"]);
});

test("line ends of all systems are the same", () => {
  assert.deepEqual(createMergePatch({ notes: "a\r\nb\rc" }, { notes: "a\nb\nc" }), {});
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
