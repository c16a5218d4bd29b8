// Anchors of a list: places where a page can be read.

/**
 * @typedef {object} PageAnchor
 * @property {Contact | null} edge the last contact before the anchor; null at the beginning of the list
 * @property {string | null} cursor of the page after the anchor
 * @property {number} index how many rows came before it when it was made or last used
 */

export class PageAnchors {
  /** The beginning of the list. @type {PageAnchor} */
  start = { edge: null, cursor: null, index: 0 };

  /** In the order of the list. @type {PageAnchor[]} */
  #anchors = [this.start];
  /** @type {(a: Contact, b: Contact) => number} */
  #compare;

  /** @param {(a: Contact, b: Contact) => number} compare */
  constructor(compare) {
    this.#compare = compare;
  }

  /**
   * Adds the anchor at the end of a page. It replaces those that are inside the page.
   *
   * @param {PageAnchor & {edge: Contact}} anchor
   * @param {Contact | null} from the last contact before the page
   */
  add(anchor, from) {
    const low = from ? this.#upTo(from) : 1;
    this.#anchors.splice(low, this.#upTo(anchor.edge) - low, anchor);
  }

  /** Those after an anchor. @param {PageAnchor} anchor */
  after(anchor) {
    return this.#anchors.slice(this.#anchors.indexOf(anchor) + 1);
  }

  /** The one before an anchor. @param {PageAnchor} anchor */
  previous(anchor) {
    return this.#anchors[Math.max(0, this.#anchors.indexOf(anchor) - 1)];
  }

  /** The last one before a row. @param {number} index of the row */
  before(index) {
    return this.#anchors.findLast((anchor) => anchor.index <= index) ?? this.start;
  }

  /** How many anchors are at a contact or before it. @param {Contact} contact */
  #upTo(contact) {
    let low = 1;
    let high = this.#anchors.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(/** @type {Contact} */ (this.#anchors[middle].edge), contact) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
