import assert from "node:assert/strict";
import { test } from "node:test";
import { Draft } from "../static/assets/js/draft.js";
import { Problem } from "../static/assets/js/http.js";
import "./english.js";

const answer = (body, position, etag = '"1"') => ({ status: 200, body, position, etag });
const contact = (more) => ({
  id: "a".repeat(24),
  kind: "person",
  firstName: "Ada",
  notes: "two  spaces at the end  ",
  tags: ["b", "b"],
  ...more,
});

function draft(api) {
  return new Draft({ api, minPosition: () => undefined, requestRender() {}, onSaved() {} });
}

test("values that are not normalized in MongoDB do not count as an edit", async () => {
  const sent = [];
  const d = draft({
    get: async () => answer(contact(), "5-0"),
    patch: async (_, patch) => (sent.push(patch), answer(contact(patch), "6-0")),
  });
  await d.load("a".repeat(24));
  assert.equal(d.dirty, false);
  d.mine.firstName = " Grace ";
  assert.equal(d.dirty, true);
  await d.save();
  assert.deepEqual(sent, [{ firstName: "Grace" }]);
  assert.equal(d.dirty, false);
});

test("a row of the list is shown at once, survives a failed read, and is replaced by the next read", async () => {
  const reads = [];
  const d = draft({ get: () => new Promise((resolve, reject) => reads.push({ resolve, reject })) });
  const row = { contact: contact(), position: "5-0" };
  let loaded = d.load(row.contact.id, row);
  assert.equal(d.mine.firstName, "Ada");
  reads.shift().reject(new Error("away"));
  await loaded;
  assert.deepEqual([d.status, d.mine.firstName], ["failed", "Ada"]);
  d.mine.emails = [{ value: "ada@example.com" }];
  d.mine.lastName = "King";
  loaded = d.load(row.contact.id);
  reads.shift().resolve(answer(contact({ notes: "new", lastName: "Lovelace" }), "7-0"));
  await loaded;
  assert.deepEqual([d.status, d.mine.notes, d.mine.emails.length, d.mine.lastName], ["ready", "new", 1, "King"]);
  assert.deepEqual([...d.conflicts.keys()], ["lastName"]);
  assert.equal(await d.save(), false); // the person has to decide
  d.choose("lastName", "theirs");
  assert.deepEqual([d.mine.lastName, d.conflicts.size, d.dirty], ["Lovelace", 0, true]);
});

test("a save writes over changes of other fields, and asks before it overwrites the same field", async () => {
  let stored = contact({ company: "A" });
  let version = 1;
  const sent = [];
  const change = (more) => {
    stored = { ...stored, ...more };
    version++;
  };
  const d = draft({
    get: async () => answer(stored, `${version}-0`, `"${version}"`),
    patch: async (_, patch, etag) => {
      sent.push(patch);
      if (sent.length < 3) change({ company: `B${sent.length}` }); // somebody else is faster, twice
      if (etag !== `"${version}"`) throw new Problem(412, {});
      change(patch);
      return answer(stored, `${version}-0`, `"${version}"`);
    },
  });
  await d.load("a".repeat(24));
  d.mine.notes = "mine";
  assert.equal(await d.save(), true);
  assert.deepEqual(sent, [{ notes: "mine" }, { notes: "mine" }, { notes: "mine" }]);
  assert.deepEqual([d.base.company, d.base.notes, d.dirty], ["B2", "mine", false]);

  d.mine.notes = "mine again";
  change({ notes: "theirs" });
  assert.equal(await d.save(), false);
  assert.deepEqual([...d.conflicts.keys()], ["notes"]);
  assert.equal(stored.notes, "theirs");
});

test("what is typed while a save is under way stays as it is typed", async () => {
  let finish;
  const d = draft({ get: async () => answer(contact(), "5-0"), patch: () => new Promise((resolve) => (finish = resolve)) });
  await d.load("a".repeat(24));
  d.mine.notes = "first ";
  const saved = d.save();
  d.mine.notes = "first and ";
  finish(answer(contact({ notes: "first" }), "6-0"));
  await saved;
  assert.deepEqual([d.mine.notes, d.base.notes, d.dirty], ["first and ", "first", true]);
});

test("an error of a row is shown at this row, although blank rows were not sent", async () => {
  const sent = [];
  const d = draft({
    get: async () => answer(contact(), "5-0"),
    patch: async (_, patch) => {
      sent.push(patch);
      throw new Problem(422, { errors: [{ pointer: "/emails/1/value", detail: "is not an e-mail address" }] });
    },
  });
  await d.load("a".repeat(24));
  d.mine.emails = [{ value: "ada@example.com" }, { label: "home", value: " " }, { value: "nonsense" }];
  assert.equal(await d.save(), false);
  assert.deepEqual(sent, [{ emails: [{ value: "ada@example.com" }, { value: "nonsense" }] }]);
  assert.deepEqual(d.errors, { "/emails/2/value": "is not an e-mail address" });
  assert.equal(d.mine.emails.length, 3);
});

test("a copy of a contact has no UID: it belongs to the first", () => {
  const d = draft({});
  d.create(contact({ uid: "urn:uuid:1", emails: [{ value: "ada@example.com" }] }));
  assert.deepEqual([d.mine.uid, d.mine.emails[0].value], ["", "ada@example.com"]);
});
