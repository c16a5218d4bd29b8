import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { curlCommand, planRequest } from "../static/assets/js/api-request.js";
import { exampleOf, resolve, schemaRows, typeText } from "../static/assets/js/api-schema.js";

const document = JSON.parse(readFileSync(new URL("../../api/openapi.json", import.meta.url), "utf8"));
const schema = (name) => ({ $ref: `#/components/schemas/${name}` });

test("a schema becomes rows, those of inner objects below their own", () => {
  const rows = schemaRows(document, schema("ContactInput"));
  const emails = rows.findIndex(({ name }) => name === "emails");
  assert.ok(emails >= 0);
  assert.deepEqual(
    rows.slice(emails + 1, emails + 3).map(({ name, depth }) => [name, depth]),
    [
      ["label", 1],
      ["value", 1],
    ],
  );
  assert.ok(rows.every(({ type }) => type && !type.includes("undefined")));
});

test("an example has what is required", () => {
  for (const name of ["EmailEntryInput", "Problem"]) {
    const { required, example } = resolve(document, schema(name));
    assert.ok(required.length > 0 && example === undefined, name);
    assert.deepEqual(Object.keys(exampleOf(document, schema(name))).sort(), [...required].sort(), name);
  }
  assert.equal(typeText({}, { enum: ["a", "b"] }), '"a" | "b"');
  assert.equal(typeText({}, { type: "array", items: { type: "string", maxLength: 5 } }), "[string (≤ 5)]");
});

test("every operation of the document can be shown", () => {
  for (const methods of Object.values(document.paths))
    for (const operation of Object.values(methods))
      for (const answer of Object.values(operation.responses)) {
        const { content = {} } = resolve(document, answer);
        for (const media of Object.values(content))
          for (const { name, type } of schemaRows(document, media.schema)) assert.ok(name && type && !type.includes("undefined"), name);
      }
});

/** What all references within a part of the document name. */
function references(node) {
  if (node === null || typeof node !== "object") return [];
  return [...(typeof node.$ref === "string" ? [node.$ref] : []), ...Object.values(node).flatMap(references)];
}

test("every reference leads to something", () => {
  const all = new Set(references(document));
  assert.ok(all.size > 50);
  for (const $ref of all) assert.notDeepEqual(resolve(document, { $ref }), {}, $ref);
});

test("a request has its parameters where they belong", () => {
  const parameters = [
    { name: "id", in: "path" },
    { name: "tag", in: "query" },
    { name: "Workspace", in: "header" },
    { name: "limit", in: "query" },
  ];
  const plan = planRequest(
    "patch",
    "/contacts/{id}",
    parameters,
    { id: "a/b", tag: "x y", Workspace: "sales" },
    { type: "application/json", text: "{}" },
  );
  assert.deepEqual(plan, {
    method: "PATCH",
    path: "/contacts/a%2Fb?tag=x+y",
    headers: { Workspace: "sales", "Content-Type": "application/json" },
    body: "{}",
  });
  assert.equal(
    curlCommand("http://h:1", { ...plan, body: `{"a":"it's"}` }),
    `curl -si -X PATCH -H 'Workspace: sales' -H 'Content-Type: application/json' -d '{"a":"it'\\''s"}' 'http://h:1/contacts/a%2Fb?tag=x+y'`,
  );
});
