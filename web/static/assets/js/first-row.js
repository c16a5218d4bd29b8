// Something to do with the first row of a list that may still be on its way, such as opening the first hit of a search.

export class FirstRow {
  /** @type {{key: string, run: (row: {id: string}) => void} | null} */
  #waiting = null;

  /**
   * @param {string} key of the list
   * @param {(row: {id: string}) => void} run
   */
  whenRead(key, run) {
    this.#waiting = { key, run };
  }

  /**
   * Has to be called after each rendering. If another list is shown meanwhile, nothing is done.
   *
   * @param {string} key of the list that is shown
   * @param {{id: string} | null | undefined} row its first one; null if it is not known yet, undefined if there is none
   */
  rendered(key, row) {
    const waiting = this.#waiting;
    if (waiting?.key === key && row === null) return;
    this.#waiting = null;
    if (waiting?.key === key && row) waiting.run(row);
  }
}
