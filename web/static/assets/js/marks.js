// Marks of a list: places where a page can be read.

/**
 * @typedef {object} Mark
 * @property {Contact | null} edge the last contact before the mark; null at the beginning of the list
 * @property {string | null} cursor of the page after the mark
 * @property {number} index how many rows came before it when it was made or last used
 */

export class Marks {
  /** The beginning of the list. @type {Mark} */
  start = { edge: null, cursor: null, index: 0 };

  /** In the order of the list. @type {Mark[]} */
  #marks = [this.start];
  /** @type {(a: Contact, b: Contact) => number} */
  #compare;

  /** @param {(a: Contact, b: Contact) => number} compare */
  constructor(compare) {
    this.#compare = compare;
  }

  /**
   * Adds the mark at the end of a page. It replaces those that are inside the page.
   *
   * @param {Mark & {edge: Contact}} mark
   * @param {Contact | null} from the last contact before the page
   */
  add(mark, from) {
    const low = from ? this.#upTo(from) : 1;
    this.#marks.splice(low, this.#upTo(mark.edge) - low, mark);
  }

  /** Those after a mark. @param {Mark} mark */
  after(mark) {
    return this.#marks.slice(this.#marks.indexOf(mark) + 1);
  }

  /** The one before a mark. @param {Mark} mark */
  previous(mark) {
    return this.#marks[Math.max(0, this.#marks.indexOf(mark) - 1)];
  }

  /** The last one before a row. @param {number} index of the row */
  before(index) {
    return this.#marks.findLast((mark) => mark.index <= index) ?? this.start;
  }

  /** How many marks are at a contact or before it. @param {Contact} contact */
  #upTo(contact) {
    let low = 1;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(/** @type {Contact} */ (this.#marks[middle].edge), contact) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
