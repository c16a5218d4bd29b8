// The tokens of my programs. The text of one is shown once, right after it was made.

import { html } from "../vendor/lit/lit-html.js";
import { Form } from "./form.js";
import { fullTime, timeAgo } from "./format.js";
import { ItemList } from "./item-list.js";
import { secretBox } from "./secret-box.js";
import { roleChoices } from "./role-select.js";
import { may, myWorkspaces } from "./session.js";
import { t } from "./texts.js";

/** @import { SectionConfig } from "./account-page.js" */
/** @import { Role } from "./session.js" */

/** @typedef {{id: string, prefix: string, name: string, workspace?: string, role: Role, createdAt: string, expiresAt?: string | null, usedAt?: string | null}} ShownToken */

const DAY = 24 * 60 * 60 * 1000;
const LIFETIMES = [30, 90, 365]; // days

export class Tokens {
  /** @type {SectionConfig} */
  #config;
  /** @type {ItemList<ShownToken>} */
  #list;
  /** @type {Form} */
  #form;
  /** The text of the token that was just made. */
  #text = "";

  /** @param {SectionConfig} config */
  constructor(config) {
    const { api, workspace, requestRender } = config;
    this.#config = config;
    this.#list = new ItemList({ ...config, path: "/tokens" });
    const choice = (/** @type {string} */ value, text = value) => ({ value, text });
    this.#form = new Form({
      id: "token",
      fields: () => {
        const workspaces = [...new Set([...myWorkspaces(), ...(may("viewer", workspace) ? [workspace] : [])])];
        return [
          { name: "name", label: t.account.tokenName, hint: t.account.tokenNameHint },
          { name: "workspace", label: t.header.workspace, value: workspace, choices: workspaces.map((id) => choice(id)) },
          { name: "role", label: t.account.role, choices: roleChoices() },
          {
            name: "days",
            label: t.account.lifetime,
            value: "90",
            choices: [...LIFETIMES.map((days) => choice(String(days), t.account.days(days))), choice("", t.account.never)],
          },
        ];
      },
      action: () => t.account.createToken,
      send: async ({ days, ...values }) => {
        const expiresAt = days ? new Date(api.now() + Number(days) * DAY).toISOString() : null;
        const { body } = await api.request("POST", "/tokens", { body: { ...values, ...(expiresAt ? { expiresAt } : {}) } });
        this.#text = body.token;
        await this.#list.load();
      },
      requestRender,
    });
  }

  load() {
    this.#list.load();
  }

  render() {
    const { copy, requestRender } = this.#config;
    const close = () => {
      this.#text = "";
      requestRender();
    };
    return html`<section class="card" aria-labelledby="tokens-title">
      <h2 id="tokens-title">${t.account.tokens}</h2>
      <p class="hint">${t.account.tokensHint}</p>
      ${this.#text ? secretBox({ text: this.#text, hint: t.account.tokenOnce, copy, close }) : ""}
      ${this.#list.render((token) => this.#row(token))}
      <details class="adding">
        <summary>${t.account.newToken}</summary>
        ${this.#form.render()}
      </details>
    </section>`;
  }

  /** @param {ShownToken} token */
  #row({ id, prefix, name, workspace, role, expiresAt, usedAt }) {
    const facts = [
      [workspace, t.roles[role] ?? role].filter(Boolean).join(": "),
      expiresAt ? t.account.until(fullTime(expiresAt)) : t.account.never,
      usedAt ? t.account.lastUsed(timeAgo(usedAt)) : t.account.neverUsed,
    ];
    return html`<li class="item">
      <div>
        <b>${name}</b> <code>${prefix}…</code>
        <small>${facts.join(" · ")}</small>
      </div>
      <button
        type="button"
        aria-label=${t.account.revokeOne(name)}
        @click=${() => this.#list.change("DELETE", `/tokens/${id}`).then((done) => done && this.#config.say(t.account.revoked))}
      >
        ${t.account.revoke}
      </button>
    </li>`;
  }
}
