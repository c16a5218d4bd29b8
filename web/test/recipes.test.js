import assert from "node:assert/strict";
import { test } from "node:test";
import { curlRecipes, mongoshRecipes } from "../static/assets/js/recipes.js";
import "./english.js";

test("commands contain the real address and id, also with a quote in a name", () => {
  const contact = { id: "659200801a0b7516000000a5", fullName: "Miles O'Brien" };
  const lines = mongoshRecipes(
    { mongoURI: "mongodb://h:1/grapevine?replicaSet=rs0&directConnection=true", database: "grapevine" },
    contact,
    "sales",
  );
  assert.equal(lines[0].line, "mongosh 'mongodb://h:1/grapevine?replicaSet=rs0&directConnection=true'");
  assert.match(lines[1].line, /ObjectId\("659200801a0b7516000000a5"\)/);
  assert.ok(lines.every((l) => !l.line.includes("undefined")));
  assert.ok(!mongoshRecipes(null, null, "default").some((l) => l.line.startsWith("mongosh ")));
  assert.match(
    curlRecipes("http://h:2", contact, "sales")[1].line,
    /-H 'Workspace: sales' -X PATCH .* http:\/\/h:2\/contacts\/659200801a0b7516000000a5 -d '\{"notes":"edited with curl"\}'/,
  );
});
