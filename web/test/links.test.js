import assert from "node:assert/strict";
import { test } from "node:test";
import { dateInWords, dateRemarks } from "../static/assets/js/date-words.js";
import { linkParts, mailAddress, phoneAddress, webAddress } from "../static/assets/js/links.js";

test("a website is a link only to the web", () => {
  for (const [text, address] of [
    ["https://example.com/a", "https://example.com/a"],
    ["HTTP://example.com", "HTTP://example.com"],
    ["example.com", "https://example.com"],
    ["example.com:8080/a b", ""],
    ["javascript:alert(1)", ""],
    ["data:text/html,x", ""],
    ["//example.com", ""],
    ["ada@example.com", ""],
    ["", ""],
  ])
    assert.equal(webAddress(text), address, text);
});

test("a phone number is dialled by its digits", () => {
  for (const [text, address] of [
    ["+44 (0)20 1234-4471", "tel:+442012344471"],
    ["(030) 12 34 56", "tel:030123456"],
    ["+1 555 0100 ext. 22", "tel:+15550100,22"],
    ["call me", ""],
    ["\uff0b49 30 12", "tel:+493012"],
  ])
    assert.equal(phoneAddress(text), address, text);
});

test("an e-mail address is a link, whatever it contains", () => {
  assert.equal(mailAddress("ada@example.com"), "mailto:ada@example.com");
  assert.equal(mailAddress("a?b&c=d@example.com"), "mailto:a%3Fb%26c%3Dd@example.com");
  assert.equal(mailAddress("a b@example.com"), "");
});

test("addresses in a text are links, the marks after them are not", () => {
  assert.deepEqual(
    linkParts("See https://example.com/a?b=1, or (bob@example.org)."),
    [
      ["See ", ""],
      ["https://example.com/a?b=1", "https://example.com/a?b=1"],
      [", or (", ""],
      ["bob@example.org", "mailto:bob@example.org"],
      [").", ""],
    ].map(([text, address]) => ({ text, address })),
  );
});

test("dates are words", () => {
  assert.equal(dateInWords("1990-12-31"), "December 31, 1990");
  assert.equal(dateInWords("--02-29"), "February 29");
  assert.equal(dateInWords("0045-03-15"), "March 15, 45");
  assert.equal(dateInWords("soon"), "soon");
  const now = new Date(2026, 11, 30);
  assert.deepEqual(dateRemarks("1990-12-31", "birthday", now), ["35 years", "tomorrow"]);
  assert.deepEqual(dateRemarks("1990-12-30", "birthday", now), ["36 years", "today"]);
  assert.deepEqual(dateRemarks("--01-02", "anniversary", now), ["in 3 days"]);
  assert.deepEqual(dateRemarks("--06-02", "other", now), []);
});
