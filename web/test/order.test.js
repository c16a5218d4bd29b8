import assert from "node:assert/strict";
import { test } from "node:test";
import { comparator } from "../static/assets/js/order.js";

const sorted = (sort, contacts) => contacts.toSorted(comparator(sort)).map((c) => c.id);

test("by name: last name or name, then first name, any case, absent first, ties by id", () => {
  const contacts = [
    { id: "7", lastName: "Zuse" },
    { id: "2", firstName: "Cher" },
    { id: "6", lastName: "van Rossum", firstName: "Guido" },
    { id: "5", lastName: "Turing", firstName: "alan" },
    { id: "4", lastName: "turing", firstName: "Alan" },
    { id: "3", name: "Acme" },
    { id: "8", lastName: "Österreich" },
  ];
  assert.deepEqual(sorted("name", contacts), ["2", "3", "8", "4", "5", "6", "7"]);
  assert.deepEqual(sorted("-name", contacts), ["2", "3", "8", "4", "5", "6", "7"].reverse());
});

test("accents count, as in the database's collation", () => {
  const compare = comparator("company");
  assert.notEqual(compare({ id: "1", company: "resume" }, { id: "1", company: "résumé" }), 0);
  assert.equal(compare({ id: "1", company: "RESUME" }, { id: "1", company: "resume" }), 0);
});

test("times are compared as times, with or without a fraction", () => {
  const contacts = [
    { id: "1", updatedAt: "2026-11-23T00:00:00.5Z" },
    { id: "2", updatedAt: "2026-11-23T00:00:00Z" },
    { id: "3", updatedAt: "2026-11-23T00:00:00.25Z" },
  ];
  assert.deepEqual(sorted("updatedAt", contacts), ["2", "3", "1"]);
  assert.deepEqual(sorted("-updatedAt", contacts), ["1", "3", "2"]);
});
