// The part of a sorted list that has been read, kept right by events. It is always a beginning of the
// list: from its first contact to an edge, the last contact of the last page. What happens past the
// edge is not its business; the page that covers it will show it.

import { comparePositions, later } from "./position.js";
import { comparator } from "./order.js";
import { matches } from "./view.js";

const GONE = 2000; // deletions remembered, so that an older page or answer cannot bring a row back
const RECENT = 5000; // events remembered, to be applied once more over a page that is older than they are

export class Window {
  constructor(view) {
    this.view = view;
    this.compare = view.q ? null : comparator(view.sort);
    this.rows = []; // {id, contact, position, …}: position is the newest known to be in contact
    this.byId = new Map();
    this.edge = null; // last contact of the last page
    this.next = null; // cursor of the page after it
    this.complete = false;
    this.loaded = false;
    this.stale = false; // of a search: an event may have changed what it finds
    this.gone = new Map();
    this.recent = [];
    this.newest = undefined; // position of the last event
    this.forgotten = undefined; // position of the last event that is not among the recent ones any more
  }

  /**
   * Takes a page, read at position. Rows that are newer than the page stay as they are. False: the page
   * is older than what is remembered, so that it cannot be made right, and has to be read again.
   */
  addPage(page, position) {
    if (comparePositions(this.forgotten, position) > 0) return false;
    for (const contact of page.items) {
      if (comparePositions(this.gone.get(contact.id), position) > 0) continue;
      const row = this.byId.get(contact.id);
      if (row && comparePositions(row.position, position) > 0) continue;
      this.#put(contact, position);
    }
    if (page.items.length) this.edge = page.items[page.items.length - 1];
    this.next = page.next;
    this.complete = page.next === null;
    this.loaded = true;
    // The page shows nothing later than some moment after its position: tell it what it may not know.
    for (const event of this.recent) if (comparePositions(event.position, position) > 0) this.apply(event, true);
    return true;
  }

  /**
   * Applies a contact:created, :updated or :deleted event and says what came of it:
   * "created", "updated", "moved" (another place in the order), "deleted", "outside" (not in what has
   * been read) or "old" (already known). Events may come again and in any number; order is by position.
   */
  apply(event, again = false) {
    const { contact, position } = event;
    if (!contact) {
      this.stale = true; // too large to travel: whoever shows it must read it
      return "outside";
    }
    if (!again) {
      // A room's events come in the order of their positions; one that does not is a repetition.
      if (this.newest && comparePositions(position, this.newest) <= 0) return "old";
      this.newest = position;
      this.recent.push(event);
      if (this.recent.length > RECENT * 2) this.forgotten = this.recent.splice(0, RECENT).at(-1).position;
    }
    const row = this.byId.get(contact.id);
    if (comparePositions(row?.position, position) >= 0 && row) return "old";
    if (comparePositions(this.gone.get(contact.id), position) >= 0 && this.gone.has(contact.id)) return "old";
    if (event.event === "contact:deleted") {
      this.#bury(contact.id, position);
      return row ? (this.#take(row), "deleted") : "outside";
    }
    if (this.view.q) {
      this.stale = true; // only the server knows what a text search finds, and in which order
      if (!row) return "outside";
      row.contact = { ...contact, score: row.contact.score };
      row.position = position;
      return "updated";
    }
    if (!matches(contact, this.view) || !this.#inside(contact)) return row ? (this.#take(row), "deleted") : "outside";
    if (!row) return (this.#put(contact, position), "created");
    const before = this.rows.indexOf(row);
    this.#put(contact, position);
    return this.rows[before] === row ? "updated" : "moved";
  }

  /** Takes the answer to one's own write, unless the row already shows it or something later. */
  applyAnswer(contact, position) {
    const row = this.byId.get(contact.id);
    if (comparePositions(row?.position, position) >= 0 && row) return;
    if (comparePositions(this.gone.get(contact.id), position) >= 0 && this.gone.has(contact.id)) return;
    if (this.view.q) {
      if (row) row.contact = { ...contact, score: row.contact.score };
      return;
    }
    // A write's position may be later than its event's, so the row keeps the one it had: the event decides.
    if (matches(contact, this.view) && this.#inside(contact)) this.#put(contact, row?.position);
    else if (row) this.#take(row);
  }

  /** Takes a contact out that this page itself has deleted, before its event comes. */
  drop(id) {
    const row = this.byId.get(id);
    if (row) this.#take(row);
  }

  #inside(contact) {
    return this.complete || (this.edge !== null && this.compare(contact, this.edge) <= 0);
  }

  #put(contact, position) {
    let row = this.byId.get(contact.id);
    if (row) {
      row.position = position === undefined ? row.position : later(position, row.position);
      const i = this.rows.indexOf(row);
      const was = row.contact;
      row.contact = contact;
      if (!this.compare || this.compare(was, contact) === 0) return;
      this.rows.splice(i, 1);
    } else {
      row = { id: contact.id, contact, position };
      this.byId.set(contact.id, row);
    }
    this.rows.splice(this.compare ? this.#place(contact) : this.rows.length, 0, row);
  }

  #place(contact) {
    let lo = 0;
    let hi = this.rows.length;
    // Pages arrive in order: the end is the usual place.
    if (hi && this.compare(this.rows[hi - 1].contact, contact) < 0) return hi;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (this.compare(this.rows[mid].contact, contact) < 0) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  #take(row) {
    this.rows.splice(this.rows.indexOf(row), 1);
    this.byId.delete(row.id);
  }

  #bury(id, position) {
    this.gone.delete(id);
    this.gone.set(id, position);
    if (this.gone.size > GONE) this.gone.delete(this.gone.keys().next().value);
  }
}
