import assert from "node:assert/strict";
import { test } from "node:test";
import { linkParts, mailAddress, phoneAddress, webAddress } from "../static/assets/js/contact-addresses.js";

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
    ["+1 555 0100 x7", "tel:+15550100,7"],
    ["030/1234567", "tel:0301234567"],
    ["٠٣٠ ١٢٣٤٥٦", "tel:030123456"],
    ["1-800-FLOWERS", ""],
    ["030 123456 / 0171 1234567", ""],
    ["+49 30 1234 / +49 171 12", ""],
    ["030123456, 01711234567", ""],
    ["030 1234567 or 0171 1234567", ""],
    ["0301234567 01711234567", ""],
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

test("a long text without blanks takes no time", () => {
  for (const text of ["a".repeat(200_000), "a.".repeat(100_000), `${"a@".repeat(100_000)}.`, "a@b.".repeat(50_000)]) {
    const begun = performance.now();
    linkParts(text);
    assert.ok(performance.now() - begun < 500, text.slice(0, 8));
  }
});
