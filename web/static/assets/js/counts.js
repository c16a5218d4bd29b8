// How many contacts a view has, where the list has not been read to its end: from the statistics.

import { comparePositions } from "./position.js";
import { filtered, formatView } from "./view.js";

const QUIET = 1000;
const LONGEST = 10000;

const key = (view) => formatView({ ...view, contact: "", sort: "name", page: "contacts" });

export class Counts {
  /** app: {api(), view(), complete(), minPosition(), changed()}. */
  constructor(app) {
    this.app = app;
    this.reset();
  }

  /** Forgets everything, for another workspace. */
  reset() {
    this.total = null; // {count, position}: contacts of the workspace
    this.matching = null; // {key, count}: contacts of one company or with one tag
  }

  /** The count of the view; undefined where nobody knows it. */
  get known() {
    const view = this.app.view();
    if (!filtered(view)) return this.total?.count;
    return this.matching?.key === key(view) ? this.matching.count : undefined;
  }

  /** Counts one event, until it is counted for good. */
  add({ event, position }) {
    if (!this.total || comparePositions(position, this.total.position) <= 0) return;
    if (event === "contact:created") this.total.count++;
    else if (event === "contact:deleted") this.total.count--;
  }

  /**
   * Counts again when it has been quiet for a second, and every ten while it is not. Counting events
   * alone would go wrong: a read shows at least its position, and perhaps already what comes next.
   */
  touch() {
    if (this.app.complete()) return;
    this.by ??= Date.now() + LONGEST;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), Math.min(QUIET, Math.max(0, this.by - Date.now())));
  }

  async read() {
    this.by = undefined;
    const api = this.app.api();
    const view = this.app.view();
    const only = !view.q && !view.prefix && !view.kind && !view.owner && Boolean(view.company) !== Boolean(view.tag);
    if (filtered(view) && !only) return; // no statistic has it: the page says "200+"
    const what = view.company ? "companies" : view.tag ? "tags" : "months";
    try {
      const { body, position } = await api.get(`/contacts/stats/${what}`, { minPosition: this.app.minPosition() });
      if (api !== this.app.api()) return;
      if (what === "months") this.total = { count: body.items.reduce((n, i) => n + i.count, 0), position };
      else
        this.matching = {
          key: key(view),
          count: body.items.find((i) => (view.company ? i.company === view.company : i.tag === view.tag))?.count,
        };
      this.app.changed();
    } catch {
      // It is counted again after the next event, or not at all: the list does not depend on it.
    }
  }
}
