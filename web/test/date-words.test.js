import assert from "node:assert/strict";
import { test } from "node:test";
import { dateInWords, dateRemarks } from "../static/assets/js/date-words.js";
import "./english.js";

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
