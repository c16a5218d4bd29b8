// The devices where I am signed in.

import { html } from "../vendor/lit/lit-html.js";
import { browserName } from "./browser-name.js";
import { fullTime, timeAgo } from "./format.js";
import { ItemList } from "./item-list.js";
import { t } from "./texts.js";

/** @import { SectionConfig } from "./account-page.js" */

/** @typedef {{id: string, current?: boolean, createdAt: string, seenAt: string, expiresAt: string, address: string, browser: string}} ShownSession */

export class Sessions {
  /** @type {SectionConfig} */
  #config;
  /** @type {ItemList<ShownSession>} */
  #list;

  /** @param {SectionConfig} config */
  constructor(config) {
    this.#config = config;
    this.#list = new ItemList({ ...config, path: "/sessions" });
    addEventListener("sessionschange", () => this.load()); // another password ends the others
  }

  load() {
    this.#list.load();
  }

  render() {
    const others = this.#list.items.filter(({ current }) => !current).length;
    return html`<section class="card" aria-labelledby="sessions-title">
      <h2 id="sessions-title">${t.account.sessions}</h2>
      ${this.#list.render((session) => this.#row(session))}
      ${others ? html`<button type="button" @click=${() => this.#end("/sessions")}>${t.account.endOthers(others)}</button>` : ""}
    </section>`;
  }

  /** @param {ShownSession} session */
  #row({ id, current, seenAt, createdAt, address, browser }) {
    return html`<li class="item">
      <div>
        <b>${browserName(browser) || t.account.unknownBrowser}</b> ${current ? html`<span class="mark">${t.account.thisOne}</span>` : ""}
        <small title=${fullTime(createdAt)}>${address} · ${t.account.lastSeen(timeAgo(seenAt))}</small>
      </div>
      ${
        current
          ? ""
          : html`<button type="button" aria-label=${t.account.endOne(browserName(browser))} @click=${() => this.#end(`/sessions/${id}`)}>
              ${t.account.end}
            </button>`
      }
    </li>`;
  }

  /** @param {string} path */
  #end(path) {
    return this.#list.change("DELETE", path).then((done) => done && this.#config.say(t.account.ended));
  }
}
