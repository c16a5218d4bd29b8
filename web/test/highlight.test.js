import assert from "node:assert/strict";
import { test } from "node:test";
import { searchWords, segments, snippet } from "../static/assets/js/highlight.js";

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
  assert.deepEqual(searchWords("  O'Neil, <b> Zoë "), ["O'Neil", "b", "Zoë"]);
});

test("case, accents and apostrophes do not matter", () => {
  const hits = (text, ...looked) =>
    segments(text, looked)
      .filter((s) => s.hit)
      .map((s) => s.text);
  assert.deepEqual(hits("José joseph JOSE, jose\u0301 x", "jose"), ["José", "jose", "JOSE", "jose\u0301"]);
  assert.deepEqual(hits("Größe Łukasz Müller-Lüdenscheidt", "gross", "luka", "ludens"), ["Größ", "Łuka", "Lüdens"]);
  assert.deepEqual(hits("O’Neil Oneil", "o'ne"), ["O’Ne", "One"]);
  assert.deepEqual(hits("株式会社ABC商事", "会社", "商"), ["会社", "商"]);
});

test("the snippet of a long text begins a little before the first hit", () => {
  assert.equal(snippet("wrote the first program", ["prog"]), "wrote the first program");
  assert.equal(snippet(`${"x".repeat(100)} the program`, ["prog"]), `…${"x".repeat(15)} the program`);
  assert.equal(snippet("nothing", ["prog"]), "");
});
