// Events that have arrived and are not applied yet.

const MAX_HIGHLIGHTED = 300; // of a longer queue, the rows are not highlighted one by one
const TIME_BUDGET = 24; // milliseconds of a frame for applying events

export class EventQueue {
  /** @type {ContactEvent[]} */
  #events = [];

  get length() {
    return this.#events.length;
  }

  /** @param {ContactEvent} event */
  push(event) {
    this.#events.push(event);
  }

  /**
   * Applies events until the time budget is used up, so that the page stays responsive during an import or
   * an updateMany.
   *
   * @param {(event: ContactEvent, skipHighlight: boolean) => void} apply skipHighlight: without a highlight
   */
  applyPending(apply) {
    const deadline = performance.now() + TIME_BUDGET;
    const skipHighlight = this.#events.length > MAX_HIGHLIGHTED;
    let n = 0;
    while (n < this.#events.length && (n % 16 || performance.now() < deadline)) apply(this.#events[n++], skipHighlight);
    this.#events.splice(0, n);
  }
}
