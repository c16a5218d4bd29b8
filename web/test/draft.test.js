import assert from "node:assert/strict";
import { test } from "node:test";
import { Draft } from "../static/assets/js/draft.js";
import { Problem } from "../static/assets/js/http.js";

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
  loaded = d.load(row.contact.id);
  reads.shift().resolve(answer(contact({ notes: "new" }), "7-0"));
  await loaded;
  assert.deepEqual(
    [d.status, d.base.notes, d.conflicts.map((c) => `${c.name}:${c.choice}`)],
    ["ready", contact().notes, ["emails:mine", "notes:theirs"]],
  );
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
