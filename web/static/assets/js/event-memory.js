// The last events of a list, to be applied again over a page that is older than they are.

import { comparePositions } from "./position.js";

const KEPT_EVENTS = 2500;
const MAX_DELETIONS = 2000; // remembered, so that an older page or answer cannot bring a row back

export class EventMemory {
  /** @type {ContactEvent[]} */
  #events = [];
  /** The position of the last event. @type {MaybePosition} */
  #newest;
  /** The position of the last event that is no longer in #events. @type {MaybePosition} */
  #forgottenUpTo;
  /** Positions of deletions by contact id. @type {Map<string, Position>} */
  #deletions = new Map();

  /**
   * Returns false if the event is known: a room sends its events in the order of their positions, so one out of order is a
   * repetition.
   *
   * @param {ContactEvent} event
   */
  add(event) {
    if (this.#newest && comparePositions(event.position, this.#newest) <= 0) return false;
    this.#newest = event.position;
    this.#events.push(event);
    if (this.#events.length > KEPT_EVENTS * 2) this.#forgottenUpTo = this.#events.splice(0, KEPT_EVENTS).at(-1)?.position;
    return true;
  }

  /** Whether all events after a position are remembered. @param {MaybePosition} position */
  reachesBackTo(position) {
    return comparePositions(this.#forgottenUpTo, position) <= 0;
  }

  /** @param {MaybePosition} position */
  after(position) {
    return this.#events.slice(this.#events.findLastIndex((event) => comparePositions(event.position, position) <= 0) + 1);
  }

  /**
   * @param {string} id
   * @param {Position} position
   */
  addDeletion(id, position) {
    this.#deletions.delete(id);
    this.#deletions.set(id, position);
    if (this.#deletions.size > MAX_DELETIONS) this.#deletions.delete(/** @type {string} */ (this.#deletions.keys().next().value));
  }

  /** The position of the deletion of a contact, if it is remembered. @param {string} id */
  deletionOf(id) {
    return this.#deletions.get(id);
  }
}
