import assert from "node:assert/strict";
import { test } from "node:test";
import { fields, formRows, withBlanks } from "../static/assets/js/contact-fields.js";

const names = (kind) => formRows(kind).map((row) => row.map(({ name }) => name).join(" "));

test("the form shows the fields of the kind, in the order of the table", () => {
  assert.deepEqual(names("person"), ["firstName lastName", "email phone", "company organizationId", "tags", "notes", "addresses", "owner"]);
  assert.deepEqual(names("organization"), ["name", "email phone", "tags", "notes", "addresses", "owner"]);
});

test("a contact with blanks has every field", () => {
  const contact = withBlanks({ id: "1", email: "ada@example.com" });
  for (const { name } of fields) assert.ok(name in contact, name);
  assert.deepEqual([contact.id, contact.email, contact.phone, contact.tags], ["1", "ada@example.com", "", []]);
});
