// The active row of the table: the one that the keys are for. Its contact may be far from the rows that are kept.

/**
 * @typedef {object} ActiveRowConfig
 * @property {() => Row[]} rows those that are kept
 * @property {() => number} before how many rows of the list come before these
 * @property {(index: number) => void} scrollTo scrolls a row into view
 * @property {() => void} requestRender
 */

export class ActiveRow {
  /** The id of its contact. */
  id = "";

  /** @type {ActiveRowConfig} */
  #config;
  /** Where it and the open contact were when they were last seen, by id. @type {Map<string, number>} */
  #lastSeen = new Map();
  /** The row that becomes the active one as soon as it is read; Infinity: the last one of the list. @type {number | undefined} */
  #target;
  /** @type {(() => void) | undefined} */
  #onTarget;
  /** How many rows the list has, and whether its last one is kept. */
  #size = { rowCount: 0, complete: false };

  /** @param {ActiveRowConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** The end of the list is the target. */
  get goesToEnd() {
    return this.#target === Infinity;
  }

  /** The place of a contact in the list; -1 if its row is not kept. @param {string} id */
  indexOf(id) {
    const { rows, before } = this.#config;
    const index = id ? rows().findIndex((row) => row.id === id) : -1;
    return index < 0 ? index : before() + index;
  }

  /** Where the row is, or is going to be, or was; -1 if there is none. */
  get index() {
    if (this.#target !== undefined) return Math.min(this.#target, this.#size.rowCount - 1);
    const index = this.indexOf(this.id);
    return index < 0 ? (this.#lastSeen.get(this.id) ?? -1) : index;
  }

  /**
   * The contact that is steps away from another; empty if it is not known, undefined if there is none.
   *
   * @param {string} id
   * @param {number} steps
   */
  neighbour(id, steps) {
    const rows = this.#config.rows();
    const before = this.#config.before();
    const index = this.indexOf(id);
    if (index >= 0) return rows[index - before + steps]?.id;
    const place = this.#lastSeen.get(id);
    if (place === undefined) return undefined;
    const { complete } = this.#size;
    const at = (complete ? Math.min(place, before + rows.length) : place) - before;
    if (at < 0 || at > rows.length || (at === rows.length && !complete)) return "";
    return rows[steps > 0 ? at + steps - 1 : at + steps]?.id; // it has left the list, and the next contact has its place
  }

  /**
   * Scrolls to a row, and makes it the active one as soon as it is read.
   *
   * @param {number} index
   * @param {() => void} [then]
   */
  goTo(index, then) {
    this.#target = index;
    this.#onTarget = then;
    this.#reach();
    this.#config.requestRender();
  }

  /**
   * Scrolls back to a row that is no longer kept, or to its place: the active one, or the one of the open contact.
   *
   * @param {string} id
   * @param {() => void} then
   */
  goBack(id, then) {
    this.goTo(this.#lastSeen.get(id) ?? 0, () => {
      if (this.indexOf(id) >= 0) this.id = id;
      then();
    });
  }

  /** The person scrolled elsewhere. */
  stop() {
    this.#target = undefined;
  }

  /**
   * Has to be called before the rows are rendered. Returns the place of the row, or -1 if it is not kept.
   *
   * @param {number} rowCount of the list
   * @param {boolean} complete the last row of the list is kept
   * @param {string} selected the id of the open contact
   */
  update(rowCount, complete, selected) {
    this.#size = { rowCount, complete };
    this.#reach();
    const index = this.#see(this.id);
    if (selected !== this.id) this.#see(selected);
    for (const id of this.#lastSeen.keys()) if (id !== this.id && id !== selected) this.#lastSeen.delete(id);
    return index;
  }

  /** @param {string} id */
  #see(id) {
    const index = this.indexOf(id);
    if (index >= 0) this.#lastSeen.set(id, index);
    return index;
  }

  #reach() {
    if (this.#target === undefined) return;
    const { rows, before, scrollTo } = this.#config;
    const index = Math.max(0, Math.min(this.#target, this.#size.rowCount - 1));
    scrollTo(index);
    const row = rows()[index - before()];
    if (!row || (this.goesToEnd && !this.#size.complete)) return;
    this.#target = undefined;
    this.id = row.id;
    if (this.#onTarget) queueMicrotask(this.#onTarget);
  }
}
