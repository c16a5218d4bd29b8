import assert from "node:assert/strict";
import { test } from "node:test";
import { List } from "../static/assets/js/list.js";
import { parseView } from "../static/assets/js/view.js";

const view = parseView("");
const contacts = Array.from({ length: 1000 }, (_, i) => {
  const id = String(i).padStart(4, "0");
  return { id, kind: "person", firstName: "Number", lastName: id };
});

/** Answers with the pages of the contacts, and can make requests wait. */
class Pages {
  /** Resolves when requests may be answered. */
  open = Promise.resolve();

  async get(path) {
    await this.open;
    const query = new URL(path, "http://localhost").searchParams;
    const [from, limit] = [Number(query.get("after") ?? 0), Number(query.get("limit"))];
    const next = from + limit < contacts.length ? String(from + limit) : null;
    return { body: { items: contacts.slice(from, from + limit), next }, position: "10-0" };
  }
}

async function openList() {
  const api = new Pages();
  const list = new List({ api, minPosition: () => undefined, changeRows: (change) => change(), requestRender: () => {} });
  await list.open(view);
  assert.equal(list.rows.length, 200);
  return { api, list };
}

const whole = () => ({ first: 0, last: 5000 });

test("rows that are held are read, and released", async () => {
  const { list } = await openList();
  const release = await list.hold(whole);
  assert.equal(list.rows.length, 1000);
  release();
});

test("a search for a contact does not end what is held", async () => {
  const { list } = await openList();
  const printed = list.hold(whole);
  let found = 0;
  const sought = list.seek(contacts[500], () => (found = list.rows.length));
  const release = await printed;
  assert.equal(list.rows.length, 1000);
  assert.equal(found, 0);
  release();
  await sought;
  assert.equal(found, 1000);
});

test("a search reads up to its contact, and what is held afterwards the rest", async () => {
  const { list } = await openList();
  let found = 0;
  const sought = list.seek(contacts[500], () => (found = list.rows.length));
  const printed = list.hold(whole);
  await sought;
  assert.equal(found, 600);
  await printed;
  assert.equal(list.rows.length, 1000);
});

test("held rows are read also if the list is read again meanwhile", async () => {
  const { api, list } = await openList();
  let open;
  api.open = new Promise((resolve) => (open = resolve));
  const printed = list.hold(whole);
  list.reread(view);
  open();
  await printed;
  assert.equal(list.rows.length, 1000);
});

test("a list that was left reads no more", async () => {
  const { list } = await openList();
  list.hold(whole);
  list.close();
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(list.rows.length, 200);
});
