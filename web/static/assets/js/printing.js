// Printing: on paper the list is whole, not the part in sight.

/** @import { Table } from "./table.js" */

const MAX_PRINTED = 5000; // contacts

/**
 * @typedef {object} PrintingConfig
 * @property {import("./list.js").List["hold"]} hold
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
    const release = await this.#config.hold(() => ({ first: 0, last: MAX_PRINTED }));
    print();
    release();
  }

  /** @param {boolean} printing */
  #prepare(printing) {
    this.#config.table.renderAllRows(printing);
    this.#config.render();
  }
}
