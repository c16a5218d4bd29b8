// Printing: on paper the list is whole, not the part in sight.

/** @import { Table } from "./table.js" */

const MAX_PRINTED = 5000; // contacts

/**
 * @typedef {object} PrintingConfig
 * @property {(range: {first: number, last: number} | null) => Promise<void>} hold reads rows of the list and keeps them
 * @property {Table} table
 * @property {() => void} render renders at once: the browser does not wait
 */

export class Printing {
  /** @type {PrintingConfig} */
  #config;

  /** @param {PrintingConfig} config */
  constructor(config) {
    this.#config = config;
    addEventListener("beforeprint", () => this.#prepare(true));
    addEventListener("afterprint", () => this.#prepare(false));
  }

  /** Reads the rest of the list, as far as paper is of use, and opens the browser's dialog. */
  async print() {
    await this.#config.hold({ first: 0, last: MAX_PRINTED });
    print();
    this.#config.hold(null);
  }

  /** @param {boolean} printing */
  #prepare(printing) {
    this.#config.table.print(printing);
    this.#config.render();
  }
}
