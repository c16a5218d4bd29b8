// The names of organizations, which contacts refer to by id.

import { parseSearch } from "./search-terms.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */

const RETRY_DELAY = 3000;
const MAX_OPTIONS = 12;

export class OrganizationNames {
  /** @type {Api} */
  #api;
  /** @type {() => void} */
  #requestRender;
  /** By id. @type {Map<string, string>} */
  #names = new Map();

  /**
   * @param {Api} api
   * @param {() => void} requestRender
   */
  constructor(api, requestRender) {
    this.#api = api;
    this.#requestRender = requestRender;
  }

  /**
   * Organizations that a search for the text finds.
   *
   * @param {string} text
   * @returns {Promise<Option[]>}
   */
  async search(text) {
    const p = new URLSearchParams({ kind: "organization", limit: String(MAX_OPTIONS) });
    if (parseSearch(text).length) p.set("q", text);
    const { body } = await this.#api.get(`/contacts?${p}`);
    return body.items.map((/** @type {Contact} */ o) => ({ value: o.id, label: o.fullName ?? "" }));
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  remember(id, name) {
    if (id) this.#names.set(id, name);
  }

  /** Takes another name of an organization from an event. @param {ContactEvent} event */
  apply({ event, contact }) {
    if (!contact || !this.#names.has(contact.id)) return;
    this.#names.set(contact.id, event === "contact:deleted" ? t.common.deletedContact : (contact.fullName ?? ""));
  }

  /** Reads all names again, because changes were missed. */
  reread() {
    for (const id of this.#names.keys()) this.#read(id).finally(this.#requestRender);
  }

  /**
   * The name, or "…" while it is being read.
   *
   * @param {string} id
   */
  get(id) {
    if (!this.#names.has(id)) {
      this.#names.set(id, "…");
      this.#read(id).finally(this.#requestRender);
    }
    return this.#names.get(id) ?? "";
  }

  /** @param {string} id */
  async #read(id) {
    try {
      const { body } = await this.#api.get(`/contacts/${id}`);
      this.#names.set(id, body.fullName);
    } catch (e) {
      if (e.status === 404) this.#names.set(id, t.common.deletedContact);
      else
        setTimeout(() => {
          this.#names.delete(id); // the next rendering reads it again
          this.#requestRender();
        }, RETRY_DELAY);
    }
  }
}
