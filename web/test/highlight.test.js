import assert from "node:assert/strict";
import { test } from "node:test";
import { searchWords, segments } from "../static/assets/js/highlight.js";

test("hits are marked at the beginnings of words, and the text stays the same", () => {
  assert.deepEqual(segments("Ada Adams, Canada", ["ada"]), [
    { text: "Ada", hit: true },
    { text: " ", hit: false },
    { text: "Ada", hit: true },
    { text: "ms, Canada", hit: false },
  ]);
  for (const text of ["<b>ada</b>", "İstanbul ada", "", "a\u0301da"])
    assert.equal(
      segments(text, ["ada"])
        .map((s) => s.text)
        .join(""),
      text,
    );
  assert.deepEqual(searchWords("  O'Neil, <b> Zoë "), ["O", "Neil", "b", "Zoë"]);
});

test("a search for whole words marks whole words, with or without accents", () => {
  const hits = (text, ...looked) =>
    segments(text, looked, true)
      .filter((s) => s.hit)
      .map((s) => s.text);
  assert.deepEqual(hits("José joseph JOSE, jose\u0301", "jose"), ["José", "JOSE", "jose\u0301"]);
  assert.deepEqual(hits("Ada met Adam at the met", "met", "ADA"), ["Ada", "met", "met"]);
});
