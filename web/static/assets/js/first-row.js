// Something to do with the first row of a list that may still be on its way, such as opening the first hit of a search.

export class FirstRow {
  /** @type {{key: string, run: (row: Row) => void} | null} */
  #waiting = null;

  /**
   * @param {string} key of the list
   * @param {(row: Row) => void} run
   */
  whenRead(key, run) {
    this.#waiting = { key, run };
  }

  /**
   * Has to be called after each rendering. If another list is shown meanwhile, nothing is done.
   *
   * @param {string} key of the list that is shown
   * @param {Row | undefined} row its first one
   */
  rendered(key, row) {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting?.key === key && row) waiting.run(row);
  }
}
