// Suggestions for companies and tags, from the statistics.

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
  /** The last answer. @type {{api: Api, what: string, at: number, items: any[]} | null} */
  #cache = null;

  /** @param {SuggestionsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @type {LoadOptions} */
  companies = (text) => this.#load("companies", "company", text);

  /** @type {LoadOptions} */
  tags = (text) => this.#load("tags", "tag", text);

  /**
   * @param {string} what
   * @param {string} name
   * @param {string} text
   */
  async #load(what, name, text) {
    const api = this.#config.api();
    let cache = this.#cache;
    if (cache?.api !== api || cache.what !== what || Date.now() - cache.at > MAX_AGE) {
      cache = { api, what, at: Date.now(), items: await api.stats(what, this.#config.minPosition()) };
      this.#cache = cache;
    }
    const wanted = text.trim().toLowerCase();
    return cache.items
      .filter((item) => item[name] && item[name].toLowerCase().includes(wanted))
      .slice(0, MAX_OPTIONS)
      .map((item) => ({ value: item[name], label: item[name], count: item.count }));
  }
}
