// The number of contacts of a view whose list has not been read to its end. It comes from the statistics.

import { comparePositions } from "./position.js";
import { countingStatistic, formatView } from "./view.js";

/** @import { Api } from "./http.js" */

const QUIET_PERIOD = 1000; // read when there were no events for this long
const MAX_WAIT = 10000; // read at least this often while there are events

/** @param {View} view */
const viewKey = (view) => formatView({ ...view, contact: "", sort: "name", page: "contacts" });

/**
 * @typedef {object} ListCountsConfig
 * @property {Api} api
 * @property {() => View} view
 * @property {() => boolean} complete the list has been read to its end
 * @property {() => MaybePosition} minPosition
 * @property {() => void} requestRender
 */

export class ListCounts {
  /** @type {ListCountsConfig} */
  #config;
  /** The contacts of the workspace. @type {{count: number, position: MaybePosition} | null} */
  #total = null;
  /** The contacts with one value of a filter. @type {{key: string, count: number | undefined} | null} */
  #matching = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** When a read has to start at the latest. @type {number | undefined} */
  #deadline;
  #closed = false;

  /** @param {ListCountsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** The count of the view, or undefined if it is not known. */
  get known() {
    const view = this.#config.view();
    const counting = countingStatistic(view);
    if (!counting) return undefined;
    if (!counting.group) return this.#total?.count;
    return this.#matching?.key === viewKey(view) ? this.#matching.count : undefined;
  }

  /**
   * Counts an event until the next read.
   *
   * @param {ContactEvent} event
   */
  apply({ event, position }) {
    if (!this.#total || comparePositions(position, this.#total.position) <= 0) return;
    if (event === "contact:created") this.#total.count++;
    else if (event === "contact:deleted") this.#total.count--;
  }

  /**
   * Reads again after a quiet second, and every ten seconds while there are events. Counting events alone
   * would drift: a read may already contain later changes than its position says.
   */
  scheduleRead() {
    if (this.#config.complete()) return;
    this.#deadline ??= Date.now() + MAX_WAIT;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.read(), Math.min(QUIET_PERIOD, Math.max(0, this.#deadline - Date.now())));
  }

  async read() {
    this.#deadline = undefined;
    const { api, minPosition, requestRender } = this.#config;
    const view = this.#config.view();
    const counting = countingStatistic(view);
    if (!counting) return; // the page shows "200+"
    const { statistic, group } = counting;
    try {
      const { body, position } = await api.get(`/contacts/stats/${statistic}`, { minPosition: minPosition() });
      if (this.#closed) return;
      /** @type {any[]} */
      const items = body.items;
      if (group) this.#matching = { key: viewKey(view), count: items.find((i) => i[group] === view[group])?.count };
      else this.#total = { count: items.reduce((n, i) => n + i.count, 0), position };
      requestRender();
    } catch {
      // The next event causes another read; the list does not depend on the count.
    }
  }
}
