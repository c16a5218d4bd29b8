import assert from "node:assert/strict";
import { test } from "node:test";
import { comparator } from "../static/assets/js/order.js";
import { comparePositions } from "../static/assets/js/position.js";
import { parseView } from "../static/assets/js/view.js";
import { ListWindow } from "../static/assets/js/list-window.js";

const person = (id, lastName, more = {}) => ({ id, kind: "person", firstName: "X", lastName, tags: [], addresses: [], ...more });
const event = (what, position, contact) => ({ event: `contact:${what}`, position, contact });
const ids = (w) => w.rows.map((r) => r.id);

function open(search, items, next, position = "10-0") {
  const w = new ListWindow(parseView(search));
  w.addPage({ items, next }, position);
  return w;
}

test("events insert, move and remove rows in the order of the list", () => {
  const w = open("", [person("a", "Adams"), person("c", "Cole"), person("e", "Eve")], null);
  assert.equal(w.apply(event("created", "11-0", person("b", "Bell"))), "created");
  assert.deepEqual(ids(w), ["a", "b", "c", "e"]);
  assert.equal(w.apply(event("updated", "12-0", person("a", "Dunn"))), "moved");
  assert.deepEqual(ids(w), ["b", "c", "a", "e"]);
  assert.equal(w.apply(event("updated", "13-0", person("a", "Dunn", { notes: "n" }))), "updated");
  assert.equal(w.apply(event("deleted", "14-0", person("c", "Cole"))), "deleted");
  assert.deepEqual(ids(w), ["b", "a", "e"]);
});

test("an event at or before the position of a row is old, also after a deletion", () => {
  const w = open("", [person("a", "Adams")], null, "10-0");
  assert.equal(w.apply(event("updated", "10-0", person("a", "Old"))), "old");
  assert.equal(w.apply(event("deleted", "12-0", person("a", "Adams"))), "deleted");
  assert.equal(w.apply(event("updated", "11-0", person("a", "Adams"))), "old");
  assert.deepEqual(ids(w), []);
});

test("contacts past the edge are not shown until their page is read", () => {
  const w = open("", [person("a", "Adams"), person("m", "Mill")], "cursor");
  assert.equal(w.apply(event("created", "11-0", person("z", "Zuse"))), "outside");
  assert.equal(w.apply(event("updated", "12-0", person("a", "Zorn"))), "deleted"); // it moved past the edge
  assert.deepEqual(ids(w), ["m"]);
  w.addPage({ items: [person("a", "Zorn"), person("z", "Zuse")], next: null }, "12-0");
  assert.deepEqual(ids(w), ["m", "a", "z"]);
});

test("a page does not undo events that are newer than it", () => {
  const w = open("", [person("a", "Adams")], "cursor", "10-0");
  w.apply(event("updated", "20-0", person("q", "Quinn"))); // still outside
  w.apply(event("deleted", "21-0", person("r", "Roe")));
  w.addPage({ items: [person("q", "Old Name"), person("r", "Roe")], next: null }, "15-0");
  assert.deepEqual(
    w.rows.map((r) => r.contact.lastName),
    ["Adams", "Quinn"],
  );
});

test("filters decide which contacts are shown", () => {
  const w = open("?tag=vip&q=a", [person("a", "Adams", { tags: ["vip"] })], null);
  assert.equal(w.apply(event("created", "11-0", person("b", "Abel", { tags: ["vip"] }))), "created");
  assert.equal(w.apply(event("created", "12-0", person("c", "Bell", { tags: ["vip"] }))), "outside");
  assert.equal(w.apply(event("updated", "13-0", person("a", "Adams"))), "deleted");
  assert.deepEqual(ids(w), ["b"]);
});

test("a search keeps the best hits first while contacts change", () => {
  const w = open("?q=ada", [person("a", "Ada"), person("b", "Adams")], null);
  assert.equal(w.apply(event("created", "11-0", person("c", "Zuse", { tags: ["ada"] }))), "created");
  assert.equal(w.apply(event("updated", "12-0", person("b", "Bell", { emails: [{ value: "ada@example.com" }] }))), "updated");
  assert.equal(w.apply(event("created", "13-0", person("d", "Cole", { firstName: "Ada" }))), "created");
  assert.equal(w.apply(event("updated", "14-0", person("a", "Other"))), "deleted");
  assert.deepEqual(ids(w), ["d", "b", "c"]);
});

test("while pages of a search are short, every hit of an event is shown", () => {
  const w = new ListWindow(parseView("?q=ada+smith"));
  assert.ok(w.addPage({ items: [], next: "cursor", partial: true }, "10-0"));
  assert.ok(w.partial && !w.complete);
  const smith = person("s", "Smith", { firstName: "Ada" });
  assert.equal(w.apply(event("created", "11-0", smith)), "created");
  w.addPage({ items: [person("r", "Smith", { firstName: "Ada" }), smith], next: null }, "12-0");
  assert.deepEqual(ids(w), ["r", "s"]);
  assert.ok(!w.partial && w.complete);
});

test("contacts without derived fields are read last; then a change of any other is inside", () => {
  const w = open("", [person("b", "Bell"), person("y", "Young"), person("a", "Adams")], "cursor");
  assert.deepEqual(ids(w), ["a", "b", "y"]);
  assert.equal(w.apply(event("created", "11-0", person("z", "Zuse"))), "created");
});

test("the answer to a write is shown at once, but not over a later change", () => {
  const w = open("", [person("a", "Adams")], null, "10-0");
  w.applyAnswer(person("a", "Mine"), "12-0");
  assert.equal(w.rows[0].contact.lastName, "Mine");
  assert.equal(w.apply(event("updated", "11-0", person("a", "Mine"))), "updated");
  w.apply(event("updated", "15-0", person("a", "Theirs")));
  w.applyAnswer(person("a", "Mine"), "12-0");
  assert.equal(w.rows[0].contact.lastName, "Theirs");
});

test("a contact too large for a frame makes the window stale", () => {
  const w = open("", [person("a", "Adams")], null);
  assert.equal(w.apply({ event: "contact:updated", position: "11-0", contact: null, truncated: true }), "outside");
  assert.ok(w.stale);
});

test("a page older than the remembered events is refused", () => {
  const w = open("", [person("a", "Adams")], "cursor", "10-0");
  for (let i = 0; i <= 10_000; i++) w.apply(event("updated", `${100 + i}-0`, person("z", `Zuse${i}`)));
  assert.equal(w.addPage({ items: [person("z", "Old")], next: null }, "50-0"), false);
  assert.equal(w.complete, false);
  assert.equal(w.addPage({ items: [person("z", "Zuse9999")], next: null }, "10000-0"), true);
  assert.deepEqual(
    w.rows.map((r) => r.contact.lastName),
    ["Adams", "Zuse10000"],
  );
});

// Writes at random, and what they tell. The list is read in pages of seven.
function writer(random, sort, view, size) {
  const compare = comparator(sort);
  const contacts = new Map();
  const log = [];
  let clock = 100;
  const write = () => {
    const id = `id${random(size)}`;
    const position = `${++clock}-0`;
    const previous = contacts.get(id);
    if (previous && random(4) === 0) {
      contacts.delete(id);
      log.push(event("deleted", position, previous));
    } else {
      const contact = person(id, `Name${random(30)}`, {
        tags: random(2) ? ["vip"] : [],
        company: random(3) ? `C${random(5)}` : undefined,
        updatedAt: new Date(clock * 1000).toISOString(),
      });
      contacts.set(id, contact);
      log.push(event(previous ? "updated" : "created", position, contact));
    }
  };
  const list = () => [...contacts.values()].filter((c) => !view.tag || c.tags.includes("vip")).sort(compare);
  const page = (after) => {
    const rest = list().filter((c) => !after || compare(c, after) > 0);
    return { items: rest.slice(0, 7), next: rest.length > 7 ? rest[6] : null };
  };
  return { log, write, list, page };
}

function randomOf(seed) {
  let state = seed;
  return (n) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % n;
}

const sorts = ["name", "-name", "-updatedAt", "company"];

// Random writes, with pages read at random moments, and events that arrive late, twice and between pages.
test("the window ends equal to the list in any order of pages and events", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomOf(seed);
    const sort = sorts[random(4)];
    const view = { ...parseView(`?sort=${sort}`), ...(random(3) ? {} : { tag: "vip" }) };
    const { log, write, list, page } = writer(random, sort, view, 40);
    for (let i = 0; i < 30; i++) write();
    const w = new ListWindow(view);
    let delivered = log.length;
    while (!w.complete || delivered < log.length) {
      if (random(3) === 0) write();
      if (delivered < log.length && random(2)) {
        w.apply(log[delivered++]);
        if (random(5) === 0) w.apply(log[Math.max(0, delivered - 1 - random(3))]); // a repetition
      }
      // A page contains everything up to its position and perhaps later changes. Here it is up to date.
      if (!w.complete && random(3) === 0) w.addPage(page(w.edge), delivered ? log[delivered - 1].position : "0-0");
      if (log.length > 400) break;
    }
    while (!w.complete) w.addPage(page(w.edge), log.at(-1).position);
    while (delivered < log.length) w.apply(log[delivered++]);
    assert.deepEqual(
      ids(w),
      list().map((c) => c.id),
      `seed ${seed}, ${sort}`,
    );
    assert.ok(w.rows.every((r) => comparePositions(r.position, log.at(-1).position) <= 0));
  }
});

// A person scrolls to random places meanwhile. Rows far from these are released, and read again.
test("a window that releases rows holds a part of the list without a gap, and few rows", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomOf(seed);
    const sort = sorts[random(4)];
    const view = { ...parseView(`?sort=${sort}`), ...(random(3) ? {} : { tag: "vip" }) };
    const { log, write, list, page } = writer(random, sort, view, 300);
    for (let i = 0; i < 200; i++) write();
    let w = new ListWindow(view, { rows: 40, around: 10, arrived: 30, jump: 20 });
    let delivered = log.length;
    let widest = 0;
    const step = (first, last) => {
      const at = log[delivered - 1].position;
      const what = w.prepareRead(first, last);
      if (what === "after") assert.ok(w.addPage(page(w.next), at));
      if (what === "before") {
        const pages = [];
        let cursor = w.previous;
        do {
          pages.push({ page: page(cursor), position: at });
          cursor = pages.at(-1).page.next;
        } while (!w.reaches(pages.at(-1).page));
        assert.ok(w.addPagesBefore(pages));
      }
      w.release(first, Math.min(last, 1e6));
      widest = Math.max(widest, w.rows.length);
      return what;
    };
    const isPart = (what) => {
      const all = list().map((c) => c.id);
      const at = w.rows.length ? all.indexOf(w.rows[0].id) : 0;
      assert.deepEqual(ids(w), all.slice(at, at + w.rows.length), `seed ${seed}, ${sort}, ${what}`);
      return at;
    };
    for (let i = 0; i < 150; i++) {
      for (let n = random(4); n; n--) write();
      while (delivered < log.length && random(4)) {
        w.apply(log[delivered++]);
        if (random(5) === 0) w.apply(log[Math.max(0, delivered - 1 - random(3))]);
      }
      const first = random(2) ? random(list().length) : 0;
      for (let n = random(12); n && step(first, first + 5); n--);
      if (random(20) === 0) {
        const again = new ListWindow(view, { rows: 40, around: 10, arrived: 30, jump: 20 });
        while (delivered < log.length) w.apply(log[delivered++]);
        again.continueFrom(w, first);
        w = again;
      }
    }
    while (delivered < log.length) w.apply(log[delivered++]);
    isPart("in the middle");
    while (step(list().length, Infinity));
    while (step(Math.max(0, w.before + w.rows.length - 3), Infinity)); // as a table scrolls back, which is never beyond the end
    assert.ok(w.complete);
    assert.equal(isPart("at the end") + w.rows.length, list().length);
    while (step(0, 5));
    assert.equal(isPart("at the beginning"), 0);
    assert.equal(w.before, 0);
    assert.ok(widest < 90, `${widest} rows`);
  }
});

test("a list that was read whole and then grows is read again where no row can be released", () => {
  const w = new ListWindow(parseView(""), { rows: 40, around: 10, arrived: 30, jump: 20 });
  w.addPage({ items: [person("a", "Adams")], next: null }, "10-0");
  let released = true;
  for (let i = 0; released; i++) {
    w.apply(event("created", `${11 + i}-0`, person(`n${i}`, `Name${i}`)));
    released = w.release(0, 5);
  }
  assert.equal(w.rows.length, 41);
  const again = new ListWindow(parseView(""), { rows: 40, around: 10, arrived: 30, jump: 20 });
  again.continueFrom(w, 0);
  assert.equal(again.prepareRead(0, 5), "after");
  again.addPage({ items: w.rows.slice(0, 7).map((row) => row.contact), next: "more" }, "51-0");
  assert.equal(again.prepareRead(0, 5), "");
  assert.ok(!again.whole);
});
