import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { displayName, fields, isBlankRow, rowText, withBlanks } from "../static/assets/js/contact-fields.js";
import "./english.js";

test("the page has every field that the API accepts, but for the shorthands and the workspace", () => {
  const { properties } = JSON.parse(readFileSync(new URL("../../api/openapi.json", import.meta.url), "utf8")).components.schemas
    .ContactPatch;
  const elsewhere = ["workspace", "email", "phone"];
  const accepted = Object.keys(properties).filter((name) => !elsewhere.includes(name));
  assert.deepEqual(fields.map(({ name }) => name).toSorted(), accepted.toSorted());
});

test("every field has a blank value", () => {
  const blank = withBlanks({});
  for (const { name } of fields) assert.equal(blank[name].length, 0, name);
});

test("a row without a value is blank, whatever its label is", () => {
  for (const row of [{}, { label: "work" }, { label: "x", value: " " }, { label: "home", city: "" }]) assert.ok(isBlankRow(row));
  for (const row of [{ value: "x" }, { label: "home", city: "Rome" }]) assert.ok(!isBlankRow(row));
  assert.equal(rowText({ label: "work", value: "ada@example.com" }), "work: ada@example.com");
  assert.equal(rowText({ street: "1 St", city: "Rome", country: "" }), "1 St, Rome");
});

test("the name is the first thing that a contact can be called by", () => {
  const all = { kind: "person", prefix: "Dr.", firstName: "Ada", lastName: "King", nickname: "Countess", company: "Engines" };
  assert.equal(displayName(all), "Dr. Ada King");
  assert.equal(displayName({ ...all, kind: "organization", name: "Acme" }), "Acme");
  assert.equal(displayName({ kind: "person", nickname: "Countess", company: "Engines" }), "Countess");
  assert.equal(displayName({ kind: "person", emails: [{ value: "a@x" }], phones: [{ value: "1" }] }), "a@x");
  assert.equal(displayName({ kind: "person", phones: [{ value: "1" }] }), "1");
  assert.equal(displayName({ kind: "person" }), "");
});
