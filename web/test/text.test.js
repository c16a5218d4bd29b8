import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../static/assets/js/room-socket.js";
import { fileType, parseCSV, parseVCards } from "../static/assets/js/csv.js";
import { lastMonths } from "../static/assets/js/format.js";
import { searchWords, segments } from "../static/assets/js/highlight.js";
import { formatView, listPath, parseView } from "../static/assets/js/view.js";

test("hits are marked at the beginnings of words and the text stays as it is", () => {
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

test("a search for whole words marks whole words, with and without their accents", () => {
  const hits = (text, ...looked) =>
    segments(text, looked, true)
      .filter((s) => s.hit)
      .map((s) => s.text);
  assert.deepEqual(hits("José joseph JOSE, jose\u0301", "jose"), ["José", "JOSE", "jose\u0301"]);
  assert.deepEqual(hits("Ada met Adam at the met", "met", "ADA"), ["Ada", "met", "met"]);
});

test("a view and its URL say the same", () => {
  for (const search of [
    "",
    "?workspace=sales&view=statistics",
    "?prefix=ad&company=A%26B&tag=vip&kind=person&sort=-updatedAt",
    "?q=two+words&contact=659200801a0b7516000000a5",
  ])
    assert.equal(decodeURIComponent(formatView(parseView(search))), decodeURIComponent(search));
});

test("a URL that is not ours falls back to what is", () => {
  const view = parseView("?workspace=../etc&sort=__proto__&contact=<script>&view=x");
  assert.deepEqual([view.workspace, view.sort, view.contact, view.page], ["default", "name", "", "contacts"]);
});

test("a text search goes to the search route, without a sort it does not have", () => {
  assert.equal(listPath(parseView("?q=hello&sort=-name&tag=a"), 200, "c"), "/contacts/search?tag=a&q=hello&limit=200&after=c");
  assert.equal(listPath(parseView("?prefix=he"), 50), "/contacts?prefix=he&sort=name&limit=50");
});

test("CSV with quotes, commas, line ends and a byte order mark", () => {
  assert.deepEqual(parseCSV('\ufeffa,b\r\n"x, ""y""","two\nlines"\n\nlast,'), [
    ["a", "b"],
    ['x, "y"', "two\nlines"],
    ["last", ""],
  ]);
});

test("vCards, folded and escaped", () => {
  const cards = parseVCards(
    'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\\, Countess\r\n  of Lovelace\r\nitem1.EMAIL;TYPE="work,pref":ada@example.com\r\nTEL;VALUE=uri:tel:+44-1\r\nORG:Engines;Notes\r\nEND:VCARD\r\nBEGIN:VCARD\nN:Hopper;Grace;;;\nEND:VCARD',
  );
  assert.deepEqual(cards, [
    { name: "Ada, Countess of Lovelace", email: "ada@example.com", phone: "+44-1", company: "Engines" },
    { name: "Grace Hopper" },
  ]);
});

test("files are told apart by what is in them", () => {
  assert.equal(fileType("x.txt", "BEGIN:VCARD\n"), "text/vcard");
  assert.equal(fileType("x.csv", "a,b\n"), "text/csv");
  assert.equal(fileType("photo.png", "\u0089PNG"), "");
});

test("months without contacts are there too", () => {
  const shown = lastMonths(
    [
      { month: "2026-01", count: 3 },
      { month: "2025-11", count: 1 },
    ],
    new Date("2026-02-10"),
    4,
  );
  assert.deepEqual(shown, [
    { month: "2025-11", count: 1 },
    { month: "2025-12", count: 0 },
    { month: "2026-01", count: 3 },
    { month: "2026-02", count: 0 },
  ]);
});

test("backoff grows, is capped and jittered", () => {
  assert.equal(
    backoff(0, () => 0),
    125,
  );
  assert.equal(
    backoff(0, () => 1),
    250,
  );
  assert.equal(
    backoff(50, () => 1),
    10000,
  );
});
