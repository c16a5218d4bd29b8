// Contacts per company, per tag and per month as pictures, read again (at most once a second) when
// something changes.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { count, lastMonths, plural } from "./times.js";

const TOP = 14;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const monthName = (m) => `${months[+m.slice(5) - 1]} ${m.slice(0, 4)}`;

export class Statistics {
  /** app: {api(), minPosition(), changed(), filter(name, value)}. */
  constructor(app) {
    this.app = app;
    this.data = null;
    this.error = null;
  }

  /** Something changed, or the page was opened: read soon, not more often than once a second, and less often where counting takes long. */
  touch() {
    if (this.timer) return;
    const wait = Math.max(0, Math.max(1000, 5 * (this.took ?? 0)) - (Date.now() - (this.readAt ?? 0)));
    this.timer = setTimeout(() => {
      this.readAt = Date.now();
      this.#read().finally(() => {
        this.timer = 0;
        this.took = Date.now() - this.readAt;
      });
    }, wait);
  }

  async #read() {
    try {
      const at = this.app.minPosition();
      const [companies, tags, byMonth] = await Promise.all(["companies", "tags", "months"].map((what) => this.app.api().stats(what, at)));
      this.data = { companies, tags, months: byMonth };
      this.error = null;
    } catch (e) {
      this.error = e;
      setTimeout(() => this.touch(), 2000);
    }
    this.app.changed();
  }

  view() {
    if (!this.data)
      return html`<main class="statistics" id="main">
        <p class="loading" role="status">${this.error ? `${this.error.message} Trying again…` : "Loading…"}</p>
      </main>`;
    const { companies, tags } = this.data;
    const shown = lastMonths(this.data.months, new Date());
    const total = this.data.months.reduce((n, i) => n + i.count, 0);
    const most = Math.max(1, ...shown.map((i) => i.count));
    const thisMonth = this.data.months.find((m) => m.month === new Date().toISOString().slice(0, 7))?.count ?? 0;
    const tile = (value, text) => html`<div class="tile"><b>${value}</b><span>${text}</span></div>`;
    return html`<main class="statistics" id="main" tabindex="0" aria-label="Statistics">
      <h1 class="offscreen">Statistics</h1>
      <div class="tiles">
        ${tile(count(total), "contacts")}${tile(count(thisMonth), "new this month")}${tile(count(companies.length), "companies")}${tile(count(tags.length), "tags")}
      </div>
      <section class="card wide-card" aria-labelledby="s-months">
        <h2 id="s-months">Created per month</h2>
        <ol class="columns">
          ${repeat(
            shown,
            (i) => i.month,
            (i) =>
              html`<li title="${monthName(i.month)}: ${plural(i.count, "contact")}">
                <span class="room" aria-hidden="true"
                  ><span class="column" .style=${`height:${(i.count / most) * 100}%`}
                    ><span class="n">${i.count ? count(i.count) : ""}</span></span
                  ></span
                ><span class="m"
                  ><span class="offscreen">${monthName(i.month)}: ${count(i.count)}</span
                  ><span aria-hidden="true"
                    >${months[+i.month.slice(5) - 1]}<small
                      >${i.month.endsWith("-01") || i === shown[0] ? i.month.slice(0, 4) : ""}</small
                    ></span
                  ></span
                >
              </li>`,
          )}
        </ol>
      </section>
      ${this.#bars("s-companies", "Contacts per company", companies, "company")} ${this.#bars("s-tags", "Most common tags", tags, "tag")}
    </main>`;
  }

  #bars(id, title, items, name) {
    const top = items.slice(0, TOP);
    const most = Math.max(1, ...top.map((i) => i.count));
    const rest = items.slice(TOP).reduce((n, i) => n + i.count, 0);
    return html`<section class="card" aria-labelledby=${id}>
      <h2 id=${id}>${title}</h2>
      ${top.length ? "" : html`<p class="none">None yet.</p>`}
      <ul class="bars">
        ${repeat(
          top,
          (i) => i[name],
          (i) =>
            html`<li>
              <button type="button" @click=${() => this.app.filter(name, i[name])} title="Show these contacts">
                <span class="what">${i[name]}</span
                ><span class="track"><span class="bar" .style=${`width:${Math.max(0.6, (i.count / most) * 100)}%`}></span></span
                ><span class="n">${count(i.count)}</span>
              </button>
            </li>`,
        )}
        ${rest ? html`<li class="rest">${plural(items.length - TOP, "other")}: ${count(rest)}</li>` : nothing}
      </ul>
    </section>`;
  }
}
