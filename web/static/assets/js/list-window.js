// The part of a sorted list that has been read, kept up to date by events. It is always the beginning of
// the list, from its first contact to the edge: the last contact of the last page. Changes past the edge
// are ignored; the next page will show them.

import { comparator, searchComparator } from "./order.js";
import { comparePositions, laterPosition } from "./position.js";
import { hitFinder } from "./search-terms.js";
import { matcher } from "./view.js";

const MAX_TOMBSTONES = 2000; // deletions remembered, so that an older page or answer cannot bring a row back
const KEPT_EVENTS = 5000; // events remembered, to be applied again over a page that is older than they are

/** @typedef {"created" | "updated" | "moved" | "deleted" | "outside" | "old"} Outcome */

export class ListWindow {
  /** @type {View} */
  view;
  /** @type {Row[]} */
  rows = [];
  /** @type {Map<string, Row>} */
  byId = new Map();
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
  /** Whether a contact is in the list. @type {(contact: Contact) => boolean} */
  #matches;
  /** The edge does not say how far the list has been read: a page was short, or had contacts at its end that are not in the order. */
  #edgeUnknown = false;
  /** Positions of deletions by contact id. @type {Map<string, Position>} */
  #tombstones = new Map();
  /** @type {ContactEvent[]} */
  #recentEvents = [];
  /** The position of the last event. @type {MaybePosition} */
  #newest;
  /** The position of the last event that is no longer in #recentEvents. @type {MaybePosition} */
  #forgottenUpTo;

  /** @param {View} view */
  constructor(view) {
    this.view = view;
    const hitOf = hitFinder(view.q);
    this.#compare = view.q ? searchComparator(view.q, hitOf) : comparator(view.sort);
    this.#matches = matcher(view, hitOf);
  }

  /**
   * Adds a page that was read at position. Rows newer than the page stay as they are. Returns false if the
   * page is older than the remembered events; it then has to be read again.
   *
   * @param {Page} page
   * @param {MaybePosition} position
   */
  addPage(page, position) {
    if (comparePositions(this.#forgottenUpTo, position) > 0) return false;
    for (const contact of page.items) {
      if (comparePositions(this.#tombstones.get(contact.id), position) > 0) continue;
      const row = this.byId.get(contact.id);
      if (row && comparePositions(row.position, position) > 0) continue;
      this.#putRow(contact, position);
    }
    this.#moveEdge(page);
    this.next = page.next;
    this.complete = page.next === null;
    // The page may lack the changes after its position: apply them again.
    for (const event of this.#recentEvents) if (comparePositions(event.position, position) > 0) this.apply(event, true);
    return true;
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
    if (!replayed) {
      // A room sends its events in the order of their positions; one out of order is a repetition.
      if (this.#newest && comparePositions(position, this.#newest) <= 0) return "old";
      this.#remember(event);
    }
    const row = this.byId.get(contact.id);
    if (this.#isKnown(contact.id, position)) return "old";
    if (event.event === "contact:deleted") {
      this.#tombstone(contact.id, position);
      return row ? this.#removeRow(row) : "outside";
    }
    if (!this.#matches(contact) || !this.#isInside(contact)) return row ? this.#removeRow(row) : "outside";
    if (!row) {
      this.#putRow(contact, position);
      return "created";
    }
    const before = this.rows.indexOf(row);
    this.#putRow(contact, position);
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
    if (this.#matches(contact) && this.#isInside(contact)) this.#putRow(contact, row?.position);
    else if (row) this.#removeRow(row);
  }

  /**
   * Removes a contact that this page deleted, before its event arrives.
   *
   * @param {string} id
   */
  remove(id) {
    const row = this.byId.get(id);
    if (row) this.#removeRow(row);
  }

  /** @param {ContactEvent} event */
  #remember(event) {
    this.#newest = event.position;
    this.#recentEvents.push(event);
    if (this.#recentEvents.length > KEPT_EVENTS * 2) this.#forgottenUpTo = this.#recentEvents.splice(0, KEPT_EVENTS).at(-1)?.position;
  }

  /**
   * Whether the row or the tombstone of a contact is at least as new as position.
   *
   * @param {string} id
   * @param {MaybePosition} position
   */
  #isKnown(id, position) {
    const row = this.byId.get(id);
    if (row && comparePositions(row.position, position) >= 0) return true;
    return this.#tombstones.has(id) && comparePositions(this.#tombstones.get(id), position) >= 0;
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

  /** @param {Contact} contact */
  #isInside(contact) {
    return this.complete || this.#edgeUnknown || (this.edge !== null && this.#compare(contact, this.edge) <= 0);
  }

  /**
   * @param {Contact} contact
   * @param {MaybePosition} position
   */
  #putRow(contact, position) {
    let row = this.byId.get(contact.id);
    if (row) {
      row.position = position === undefined ? row.position : laterPosition(position, row.position);
      const i = this.rows.indexOf(row);
      const previous = row.contact;
      row.contact = contact;
      if (this.#compare(previous, contact) === 0) return;
      this.rows.splice(i, 1);
    } else {
      row = { id: contact.id, contact, position };
      this.byId.set(contact.id, row);
    }
    this.rows.splice(this.#insertionIndex(contact), 0, row);
  }

  /** @param {Contact} contact */
  #insertionIndex(contact) {
    let low = 0;
    let high = this.rows.length;
    const compare = this.#compare;
    // Pages arrive in order, so the end is the usual place.
    if (high && compare(this.rows[high - 1].contact, contact) < 0) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.rows[middle].contact, contact) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * @param {Row} row
   * @returns {Outcome}
   */
  #removeRow(row) {
    this.rows.splice(this.rows.indexOf(row), 1);
    this.byId.delete(row.id);
    return "deleted";
  }

  /**
   * @param {string} id
   * @param {Position} position
   */
  #tombstone(id, position) {
    this.#tombstones.delete(id);
    this.#tombstones.set(id, position);
    if (this.#tombstones.size > MAX_TOMBSTONES) this.#tombstones.delete(/** @type {string} */ (this.#tombstones.keys().next().value));
  }
}
