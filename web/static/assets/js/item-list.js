// A list that is read from the API, and changed there. After each change it is read again.

import { html } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */

/**
 * @typedef {object} ItemListConfig
 * @property {Api} api
 * @property {string} path of the list
 * @property {(error: any) => void} fail
 * @property {() => void} requestRender
 */

/** @template {{id: string}} Item */
export class ItemList {
  /** @type {Item[]} */
  items = [];

  /** @type {ItemListConfig} */
  #config;
  #state = /** @type {"loading" | "ready" | "failed"} */ ("loading");
  #message = "";
  /** The cursor of the next page. @type {string | null} */
  #next = null;
  /** A change is under way. */
  busy = false;

  /** @param {ItemListConfig} config */
  constructor(config) {
    this.#config = config;
  }

  async load() {
    try {
      const { body } = await this.#config.api.get(this.#config.path);
      this.items = body.items;
      this.#next = body.next ?? null;
      this.#state = "ready";
    } catch (e) {
      this.#state = "failed";
      this.#message = e.message;
    }
    this.#config.requestRender();
  }

  async #loadMore() {
    const { api, path, fail, requestRender } = this.#config;
    try {
      const { body } = await api.get(`${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams({ after: this.#next ?? "" })}`);
      this.items = [...this.items, ...body.items];
      this.#next = body.next ?? null;
    } catch (e) {
      fail(e);
    }
    requestRender();
  }

  /**
   * Changes something, and reads the list again.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<ApiAnswer | undefined>} undefined: it was refused, and the person was told
   */
  async change(method, path, body) {
    const { api, fail, requestRender } = this.#config;
    this.busy = true;
    requestRender();
    try {
      return await api.request(method, path, { body });
    } catch (e) {
      fail(e);
      return undefined;
    } finally {
      this.busy = false;
      await this.load();
    }
  }

  /** @param {(item: Item) => unknown} row a list item */
  render(row) {
    if (this.#state === "loading") return html`<p role="status">${t.common.loading}</p>`;
    if (this.#state === "failed")
      return html`<p role="alert">
        ${this.#message} <button type="button" class="link" @click=${() => this.load()}>${t.common.tryAgain}</button>
      </p>`;
    return html`${this.items.length ? "" : html`<p class="none">${t.account.none}</p>`}
      <ul class="items">
        ${repeat(this.items, ({ id }) => id, row)}
      </ul>
      ${this.#next ? html`<button type="button" @click=${() => this.#loadMore()}>${t.account.more}</button>` : ""}`;
  }
}
