// Suggestions for the values of filters and for tags, from the statistics.

import { fold } from "./fold.js";
import { compareForPeople } from "./format.js";

/** @import { Api } from "./http.js" */

const MAX_AGE = 3000;
const MAX_OPTIONS = 60;

/**
 * @typedef {object} SuggestionsConfig
 * @property {() => Api} api
 * @property {() => MaybePosition} minPosition
 */

export class Suggestions {
  /** @type {SuggestionsConfig} */
  #config;
  /** The last answer. @type {{api: Api, statistic: string, at: number, items: any[]} | null} */
  #cache = null;

  /** @param {SuggestionsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @type {LoadOptions} */
  tags = (text) => this.load("tags", "tag", text);

  /**
   * The most common values that contain text.
   *
   * @param {string} statistic
   * @param {string} name the property of the statistic's groups that holds the value
   * @param {string} text
   * @returns {Promise<Option[]>}
   */
  async load(statistic, name, text) {
    const api = this.#config.api();
    let cache = this.#cache;
    if (cache?.api !== api || cache.statistic !== statistic || Date.now() - cache.at > MAX_AGE) {
      cache = { api, statistic, at: Date.now(), items: await api.stats(statistic, this.#config.minPosition()) };
      this.#cache = cache;
    }
    const wanted = fold(text);
    return cache.items
      .filter((item) => item[name] && fold(item[name]).includes(wanted))
      .sort((a, b) => b.count - a.count || compareForPeople(a[name], b[name]))
      .slice(0, MAX_OPTIONS)
      .map((item) => ({ value: item[name], label: item[name], count: item.count }));
  }
}
