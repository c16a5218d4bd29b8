import assert from "node:assert/strict";
import { test } from "node:test";
import { OrganizationNames } from "../static/assets/js/organization-names.js";
import "./english.js";

const soon = () => new Promise((resolve) => setTimeout(resolve));

test("names are read once, follow events, and are read again after a gap", async () => {
  let fullName = "Engines";
  const reads = [];
  const api = { get: async (path) => (reads.push(path), { body: { fullName } }) };
  const names = new OrganizationNames(api, () => {});
  assert.equal(names.get("a"), "…");
  await soon();
  assert.equal(names.get("a"), "Engines");
  names.apply({ event: "contact:updated", contact: { id: "a", fullName: "Analytical Engines" } });
  names.apply({ event: "contact:updated", contact: { id: "b", fullName: "Nobody asked" } });
  names.apply({ event: "contact:updated" }); // too large for a frame
  assert.equal(names.get("a"), "Analytical Engines");
  names.apply({ event: "contact:deleted", contact: { id: "a", fullName: "Analytical Engines" } });
  assert.equal(names.get("a"), "(deleted)");
  assert.deepEqual(reads, ["/contacts/a"]);
  fullName = "Engines again";
  names.reread();
  await soon();
  assert.equal(names.get("a"), "Engines again");
  assert.deepEqual(reads, ["/contacts/a", "/contacts/a"]);
});
