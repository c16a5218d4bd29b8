import assert from "node:assert/strict";
import { test } from "node:test";
import { comparator, searchComparator } from "../static/assets/js/order.js";

const sorted = (compare, contacts) => contacts.toSorted(compare).map((c) => c.id);

test("by name: last name or name, then first name; case and accents do not matter; ties by id", () => {
  const contacts = [
    { id: "7", lastName: "Zuse" },
    { id: "2", firstName: "Cher" },
    { id: "6", lastName: "van Rossum", firstName: "Guido" },
    { id: "5", lastName: "Turing", firstName: "alan" },
    { id: "4", lastName: "turing", firstName: "Álan" },
    { id: "3", kind: "organization", name: "Acme" },
    { id: "8", lastName: "Österreich" },
    { id: "9", company: "Without a name", fullName: "" },
  ];
  assert.deepEqual(sorted(comparator("name"), contacts), ["3", "2", "8", "4", "5", "6", "7", "9"]);
  assert.deepEqual(sorted(comparator("-name"), contacts), ["7", "6", "5", "4", "8", "2", "3", "9"]);
});

test("by company, then by name; without a company last in both directions", () => {
  const contacts = [
    { id: "1", lastName: "A" },
    { id: "2", lastName: "C", company: "résumé" },
    { id: "3", lastName: "B", company: "RESUME" },
  ];
  assert.deepEqual(sorted(comparator("company"), contacts), ["3", "2", "1"]);
  assert.deepEqual(sorted(comparator("-company"), contacts), ["2", "3", "1"]);
});

test("times are compared as times, with or without a fraction", () => {
  const contacts = [
    { id: "1", updatedAt: "2026-11-23T00:00:00.5Z" },
    { id: "2", updatedAt: "2026-11-23T00:00:00Z" },
    { id: "3", updatedAt: "2026-11-23T00:00:00.25Z" },
  ];
  assert.deepEqual(sorted(comparator("updatedAt"), contacts), ["2", "3", "1"]);
  assert.deepEqual(sorted(comparator("-updatedAt"), contacts), ["1", "3", "2"]);
});

test("a search orders by name, e-mail, then the rest, and a whole word before a start", () => {
  const contacts = [
    { id: "1", phones: [{ value: "100" }] },
    { id: "2", tags: ["100"] },
    { id: "3", emails: [{ value: "100@x.example" }] },
    { id: "4", lastName: "1000" },
    { id: "5", nickname: "100", lastName: "Z" },
    { id: "6", nickname: "100", lastName: "A" },
  ];
  assert.deepEqual(sorted(searchComparator("100"), contacts), ["6", "5", "4", "3", "2", "1"]);
});
