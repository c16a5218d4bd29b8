// The part of a sorted list that is kept, up to date by events. It reaches from the beginning of the list, or from an anchor, to
// the edge: the last contact of the last page. Changes outside are ignored; the page that is read there will show them. Rows
// far from the visible ones are released, and read again from the anchors when they are needed.

import { EventMemory } from "./event-memory.js";
import { comparator, searchComparator } from "./order.js";
import { PageAnchors } from "./page-anchors.js";
import { comparePositions } from "./position.js";
import { hitFinder } from "./search-terms.js";
import { SortedRows } from "./sorted-rows.js";
import { matcher } from "./view.js";

const LIMITS = {
  rows: 3000, // kept; more are released
  around: 1000, // kept before and after the rows that are needed, when others are released
  arrived: 1000, // by events; if that many are kept and cannot be released, the list is read again
  jump: 1000, // rows that are needed and farther away than this are not read by way of those between
};

/** @import { PageAnchor } from "./page-anchors.js" */

/** @typedef {"created" | "updated" | "moved" | "deleted" | "outside" | "old"} Outcome */

export class ListWindow {
  /** @type {View} */
  view;
  /** @type {Row[]} */
  rows;
  /** How many rows of the list come before these. It is exact where the list was not changed there since it was read. */
  before = 0;
  /** @type {Map<string, Row>} */
  byId;
  /** The last contact of the last page. @type {Contact | null} */
  edge = null;
  /** The cursor of the next page. @type {string | null} */
  next = null;
  complete = false;
  /** The last page is short because the server did not search longer. */
  partial = false;
  /** An event did not say how a contact changed, so the list has to be read again. */
  stale = false;

  /** The order of the rows. @type {(a: Contact, b: Contact) => number} */
  #compare;
  /** @type {SortedRows} */
  #sorted;
  #limits;
  /** @type {PageAnchors} */
  #anchors;
  /** Where the rows begin. @type {PageAnchor} */
  #begin;
  /** How many of the rows came with a page; the others arrived by events. */
  #rowsRead = 0;
  /** Whether a contact is in the list. @type {(contact: Contact) => boolean} */
  #matches;
  /** The edge does not say how far the list has been read: a page was short, or had contacts at its end that are not in the order. */
  #edgeUnknown = false;
  #events = new EventMemory();

  /** @param {View} view */
  constructor(view, limits = LIMITS) {
    this.view = view;
    this.#limits = limits;
    const hitOf = hitFinder(view.q);
    this.#compare = view.q ? searchComparator(view.q, hitOf) : comparator(view.sort);
    this.#matches = matcher(view, hitOf);
    this.#sorted = new SortedRows(this.#compare);
    this.rows = this.#sorted.list;
    this.byId = this.#sorted.byId;
    this.#anchors = new PageAnchors(this.#compare);
    this.#begin = this.#anchors.start;
  }

  /**
   * Takes the anchors of an older window of the same list, and begins at the one before a row.
   *
   * @param {ListWindow} older
   * @param {number} index
   */
  continueFrom(older, index) {
    this.#anchors = older.#anchors;
    for (const anchor of this.#anchors.after(older.#begin)) {
      const offset = older.#offset(anchor);
      if (offset >= older.rows.length) break;
      anchor.index = older.before + offset;
    }
    this.#beginAt(this.#anchors.before(index));
  }

  /** The rows are the whole list. */
  get whole() {
    return this.complete && this.#begin === this.#anchors.start;
  }

  /**
   * Prepares the next read towards the rows from first to last: returns whether it is the page after the rows, the one before
   * them, or none. Rows far from those that are needed may be released.
   *
   * @param {number} first
   * @param {number} last Infinity: to the end of the list
   * @returns {"after" | "before" | ""}
   */
  prepareRead(first, last) {
    const end = this.before + this.rows.length;
    if (first < this.before) {
      if (this.before - first <= this.#limits.jump && this.rows.length) return "before";
      this.#beginAt(this.#anchors.before(first));
      return "after";
    }
    if (this.complete || last < end) return "";
    const anchor = this.#anchors.before(first);
    if (anchor.index - end > this.#limits.jump) this.#beginAt(anchor);
    return "after";
  }

  /** The contact is in a part of the list that has not been read. @param {Contact} contact */
  isBehind(contact) {
    return this.#matches(contact) && !this.#isInside(contact) && this.#isAfterBegin(contact);
  }

  /** The cursor of the page before the rows. */
  get previous() {
    return this.#anchors.previous(this.#begin).cursor;
  }

  /** Whether a page that was read before the rows reaches them. @param {Page} page */
  reaches({ items, next }) {
    const last = items.at(-1);
    return next === null || (last !== undefined && this.#compare(last, /** @type {Contact} */ (this.#begin.edge)) >= 0);
  }

  /**
   * Adds a page that was read at position. Rows newer than the page stay as they are. Returns false if the
   * page is older than the remembered events; it then has to be read again.
   *
   * @param {Page} page
   * @param {MaybePosition} position
   */
  addPage(page, position) {
    if (!this.#events.reachesBackTo(position)) return false;
    const count = this.rows.length;
    for (const contact of page.items) this.#putRead(contact, position);
    this.#rowsRead += this.rows.length - count;
    const from = this.edge;
    this.#moveEdge(page);
    this.next = page.next;
    this.complete = page.next === null;
    if (page.next && this.edge && this.edge !== from && !this.#edgeUnknown)
      this.#anchors.add({ edge: this.edge, cursor: page.next, index: this.before + this.rows.length }, from);
    this.#replay(position);
    return true;
  }

  /**
   * Adds the pages from the anchor before the rows to the rows, each with its position. Returns false like addPage.
   *
   * @param {{page: Page, position: MaybePosition}[]} pages
   */
  addPagesBefore(pages) {
    const oldest = pages[0].position;
    if (!this.#events.reachesBackTo(oldest)) return false;
    const end = /** @type {Contact} */ (this.#begin.edge);
    const anchor = this.#anchors.previous(this.#begin);
    const count = this.rows.length;
    let { edge, index } = anchor;
    for (const { page, position } of pages) {
      for (const contact of page.items) if (this.#compare(contact, end) <= 0) this.#putRead(contact, position);
      index += page.items.length;
      const last = page.items.at(-1);
      if (!last || this.reaches(page)) continue;
      this.#anchors.add({ edge: last, cursor: page.next, index }, edge);
      edge = last;
    }
    this.#begin = anchor;
    this.before = anchor === this.#anchors.start ? 0 : Math.max(anchor.index, this.before - (this.rows.length - count));
    this.#rowsRead += this.rows.length - count;
    this.#replay(oldest);
    return true;
  }

  /**
   * Releases rows far from those that are needed, if there are many. Returns whether that was possible.
   *
   * @param {number} first
   * @param {number} last
   */
  release(first, last) {
    const { rows: limit, around, arrived } = this.#limits;
    if (this.rows.length <= limit) return true;
    const [from, to] = [first - around - this.before, last + around - this.before];
    /** @type {PageAnchor | undefined} */
    let begin;
    for (const anchor of this.#anchors.after(this.#begin)) {
      const offset = this.#offset(anchor);
      if (offset >= this.rows.length) break;
      anchor.index = this.before + offset;
      if (offset <= from) begin = anchor;
      else if (offset >= to) {
        this.#endAt(anchor);
        break;
      }
    }
    if (begin) {
      this.#sorted.release(0, begin.index - this.before);
      this.before = begin.index;
      this.#begin = begin;
    }
    this.#rowsRead = Math.min(this.#rowsRead, this.rows.length);
    return this.rows.length - this.#rowsRead < arrived;
  }

  /**
   * Shows a contact of a page, unless the window knows something later about it.
   *
   * @param {Contact} contact
   * @param {MaybePosition} position
   */
  #putRead(contact, position) {
    if (comparePositions(this.#events.deletionOf(contact.id), position) > 0) return;
    const row = this.byId.get(contact.id);
    if (!row || comparePositions(row.position, position) <= 0) this.#sorted.put(contact, position);
  }

  /** A page may lack the changes after its position: applies them again. @param {MaybePosition} position */
  #replay(position) {
    for (const event of this.#events.after(position)) this.apply(event, true);
  }

  /** Releases all rows. The next page is the one after the anchor. @param {PageAnchor} anchor */
  #beginAt(anchor) {
    this.#begin = anchor;
    this.before = anchor.index;
    this.#sorted.release(0);
    this.#endAt(anchor);
  }

  /** Releases the rows after an anchor. @param {PageAnchor} anchor */
  #endAt(anchor) {
    this.#sorted.release(anchor.index - this.before);
    this.edge = anchor.edge;
    this.next = anchor.cursor;
    this.complete = false;
    this.partial = false;
    this.#edgeUnknown = false;
    this.#rowsRead = this.rows.length;
  }

  /** How many of the rows come before an anchor. @param {PageAnchor} anchor */
  #offset({ edge }) {
    return edge ? this.#sorted.countBefore(edge, true) : 0;
  }

  /**
   * Applies an event and returns the outcome for the rows: "moved" means another place in the order,
   * "outside" a contact past the edge or excluded by the filters, "old" an event that was already known.
   * Events may be repeated; positions decide their order.
   *
   * @param {ContactEvent} event
   * @returns {Outcome}
   */
  apply(event, replayed = false) {
    const { contact, position } = event;
    if (!contact) {
      this.stale = true; // the contact is too large for a frame and has to be read
      return "outside";
    }
    if (!replayed && !this.#events.add(event)) return "old";
    const row = this.byId.get(contact.id);
    if (this.#isKnown(contact.id, position)) return "old";
    if (!replayed && this.#begin.edge) this.#countBefore(event, contact);
    if (event.event === "contact:deleted") {
      this.#events.addDeletion(contact.id, position);
      return row ? this.#removeRow(row) : "outside";
    }
    if (!this.#matches(contact) || !this.#isInside(contact)) return row ? this.#removeRow(row) : "outside";
    if (!row) {
      this.#sorted.put(contact, position);
      return "created";
    }
    const before = this.rows.indexOf(row);
    this.#sorted.put(contact, position);
    return this.rows[before] === row ? "updated" : "moved";
  }

  /**
   * Shows the answer to a write of this page, unless the row already shows it or something later.
   *
   * @param {Contact} contact
   * @param {MaybePosition} position
   */
  applyAnswer(contact, position) {
    const row = this.byId.get(contact.id);
    if (this.#isKnown(contact.id, position)) return;
    // The position of a write may be later than that of its event. The row keeps its own position, so that
    // the event still applies.
    if (this.#matches(contact) && this.#isInside(contact)) this.#sorted.put(contact, row?.position);
    else if (row) this.#sorted.remove(row);
  }

  /** Removes a contact that this page deleted, before its event arrives. @param {string} id */
  remove(id) {
    const row = this.byId.get(id);
    if (row) this.#sorted.remove(row);
  }

  /**
   * Whether the row or the deletion of a contact is at least as new as position.
   *
   * @param {string} id
   * @param {MaybePosition} position
   */
  #isKnown(id, position) {
    const row = this.byId.get(id);
    if (row && comparePositions(row.position, position) >= 0) return true;
    const deletion = this.#events.deletionOf(id);
    return deletion !== undefined && comparePositions(deletion, position) >= 0;
  }

  /**
   * Moves the edge to the last contact of a page. Contacts whose derived fields are still being made stand at the end of
   * every list, whatever their names are: where they begin, all others have been read.
   *
   * @param {Page} page
   */
  #moveEdge({ items, partial = false }) {
    this.partial = partial;
    this.#edgeUnknown ||= partial;
    for (const contact of items) {
      this.#edgeUnknown ||= this.edge !== null && this.#compare(contact, this.edge) < 0;
      this.edge = contact;
    }
  }

  /**
   * Counts a change before the rows. What a changed contact was before is not known, unless it was one of the rows.
   *
   * @param {ContactEvent} event
   * @param {Contact} contact
   */
  #countBefore({ event }, contact) {
    if (!this.#matches(contact) || this.#isAfterBegin(contact)) return;
    if (event === "contact:deleted" && !this.byId.has(contact.id)) this.before = Math.max(0, this.before - 1);
    else if (event === "contact:created" || this.byId.has(contact.id)) this.before++;
  }

  /** @param {Contact} contact */
  #isAfterBegin(contact) {
    return this.#begin.edge === null || this.#compare(contact, this.#begin.edge) > 0;
  }

  /** @param {Contact} contact */
  #isInside(contact) {
    if (!this.#isAfterBegin(contact)) return false;
    return this.complete || this.#edgeUnknown || (this.edge !== null && this.#compare(contact, this.edge) <= 0);
  }

  /**
   * @param {Row} row
   * @returns {Outcome}
   */
  #removeRow(row) {
    this.#sorted.remove(row);
    return "deleted";
  }
}
