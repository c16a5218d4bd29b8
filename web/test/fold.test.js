import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compareTexts, companyText, fold, nameText } from "../static/assets/js/fold.js";

// The Go tests of package derived read the same cases.
const cases = JSON.parse(readFileSync(new URL("../../derived/testdata/fold.json", import.meta.url), "utf8"));

test("texts fold as on the server", () => {
  for (const [text, folded] of cases.folded) assert.equal(fold(text), folded, JSON.stringify(text));
});

test("names order as on the server", () => {
  for (const { contact, name } of cases.names) assert.equal(nameText(contact), name, JSON.stringify(contact));
  assert.equal(companyText({ company: "“Acme”" }), "acme”");
  assert.equal(companyText({}), "\u{10ffff}");
  const texts = cases.ordered.map((lastName) => nameText({ lastName }));
  assert.deepEqual(texts.toSorted(compareTexts), texts);
});
