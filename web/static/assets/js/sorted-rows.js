// Rows in the order of their list, which are also found by the ids of their contacts.

import { laterPosition } from "./position.js";

export class SortedRows {
  /** @type {Row[]} */
  list = [];
  /** @type {Map<string, Row>} */
  byId = new Map();

  /** @type {(a: Contact, b: Contact) => number} */
  #compare;

  /** @param {(a: Contact, b: Contact) => number} compare the order of the rows */
  constructor(compare) {
    this.#compare = compare;
  }

  /**
   * Shows a contact in its row, which moves to its place. A contact without a row gets one.
   *
   * @param {Contact} contact
   * @param {MaybePosition} position an earlier one than the row has is left out
   */
  put(contact, position) {
    let row = this.byId.get(contact.id);
    if (row) {
      row.position = position === undefined ? row.position : laterPosition(position, row.position);
      const i = this.list.indexOf(row);
      const previous = row.contact;
      row.contact = contact;
      if (this.#compare(previous, contact) === 0) return;
      this.list.splice(i, 1);
    } else {
      row = { id: contact.id, contact, position };
      this.byId.set(contact.id, row);
    }
    this.list.splice(this.countBefore(contact), 0, row);
  }

  /**
   * How many rows come before a contact.
   *
   * @param {Contact} contact
   * @param {boolean} [andItself] counts the contact itself too
   */
  countBefore(contact, andItself = false) {
    let low = 0;
    let high = this.list.length;
    const compare = this.#compare;
    // Pages arrive in order, so the end is the usual place.
    if (high && compare(this.list[high - 1].contact, contact) < 0) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.list[middle].contact, contact) < (andItself ? 1 : 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {Row} row */
  remove(row) {
    this.release(this.list.indexOf(row), 1);
  }

  /**
   * Removes rows that are not kept any longer.
   *
   * @param {number} start index of the first one
   * @param {number} [count] absent: all that follow
   */
  release(start, count = Infinity) {
    for (const { id } of this.list.splice(start, count)) this.byId.delete(id);
  }
}
