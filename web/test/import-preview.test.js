import assert from "node:assert/strict";
import { test } from "node:test";
import { fileType, parseCSV, parseVCards } from "../static/assets/js/import-preview.js";

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

test("the type of a file is recognized by its content", () => {
  assert.equal(fileType("x.txt", "BEGIN:VCARD\n"), "text/vcard");
  assert.equal(fileType("x.csv", "a,b\n"), "text/csv");
  assert.equal(fileType("photo.png", "\u0089PNG"), "");
});
