import assert from "node:assert/strict";
import { test } from "node:test";
import { ownAddress } from "../static/assets/js/own-address.js";

const origin = "https://crm.example.test";

test("only pages of ours are led to", () => {
  assert.equal(ownAddress("/?workspace=a&q=Ada", origin), `${origin}/?workspace=a&q=Ada`);
  assert.equal(ownAddress("/.//evil.example/", origin), `${origin}//evil.example/`); // a path of ours, written as an address
  for (const other of [
    null,
    "",
    "account",
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "javascript:alert(1)",
    "//",
  ])
    assert.equal(ownAddress(other, origin), "/", String(other));
});
