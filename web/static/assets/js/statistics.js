// Charts of the contacts per company, per tag and per month. They are read again after changes, at most
// once a second.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { lastMonths, monthName, monthOfYear } from "./format.js";
import { formatCount } from "./plural.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */

const MAX_BARS = 14;
const MIN_INTERVAL = 1000;
const RETRY_DELAY = 2000;

/**
 * @typedef {object} StatisticsConfig
 * @property {() => Api} api
 * @property {() => MaybePosition} minPosition
 * @property {(name: "company" | "tag", value: string) => void} filter shows the contacts of one bar
 * @property {() => void} requestRender
 */

export class Statistics {
  /** @type {StatisticsConfig} */
  #config;
  /** @type {{companies: any[], tags: any[], months: {month: string, count: number}[]} | null} */
  #data = null;
  /** @type {Error | null} */
  #error = null;
  /** Set while a read is scheduled or under way. @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #readAt = 0;
  #readDuration = 0;

  /** @param {StatisticsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** Reads soon: at most once a second, and less often if reading takes long. */
  scheduleRead() {
    if (this.#timer) return;
    const interval = Math.max(MIN_INTERVAL, 5 * this.#readDuration);
    this.#timer = setTimeout(
      () => {
        this.#readAt = Date.now();
        this.#read().finally(() => {
          this.#timer = undefined;
          this.#readDuration = Date.now() - this.#readAt;
        });
      },
      Math.max(0, interval - (Date.now() - this.#readAt)),
    );
  }

  async #read() {
    try {
      const api = this.#config.api();
      const minPosition = this.#config.minPosition();
      const [companies, tags, byMonth] = await Promise.all(["companies", "tags", "months"].map((what) => api.stats(what, minPosition)));
      this.#data = { companies, tags, months: byMonth };
      this.#error = null;
    } catch (e) {
      this.#error = e;
      setTimeout(() => this.scheduleRead(), RETRY_DELAY);
    }
    this.#config.requestRender();
  }

  render() {
    if (!this.#data)
      return html`<main class="statistics" id="main">
        <p class="loading" role="status">${this.#error ? t.statistics.tryingAgain(this.#error.message) : t.common.loading}</p>
      </main>`;
    const { companies, tags } = this.#data;
    const shown = lastMonths(this.#data.months, new Date());
    const total = this.#data.months.reduce((n, i) => n + i.count, 0);
    const highest = Math.max(1, ...shown.map((i) => i.count));
    const thisMonth = this.#data.months.find((m) => m.month === new Date().toISOString().slice(0, 7))?.count ?? 0;
    const tile = (/** @type {string} */ value, /** @type {string} */ text) =>
      html`<div class="tile"><b>${value}</b><span>${text}</span></div>`;
    return html`<main class="statistics" id="main" tabindex="0" aria-label=${t.header.statistics}>
      <h1 class="offscreen">${t.header.statistics}</h1>
      <div class="tiles">
        ${tile(formatCount(total), t.statistics.tiles.contacts)}${tile(formatCount(thisMonth), t.statistics.tiles.thisMonth)}${tile(formatCount(companies.length), t.statistics.tiles.companies)}${tile(formatCount(tags.length), t.statistics.tiles.tags)}
      </div>
      <section class="card wide-card" aria-labelledby="s-months">
        <h2 id="s-months">${t.statistics.perMonth}</h2>
        <ol class="columns">
          ${repeat(
            shown,
            (i) => i.month,
            (i) =>
              html`<li title="${monthOfYear(i.month)}: ${t.common.contacts(i.count)}">
                <span class="room" aria-hidden="true"
                  ><span class="column" .style=${`height:${(i.count / highest) * 100}%`}
                    ><span class="n">${i.count ? formatCount(i.count) : ""}</span></span
                  ></span
                ><span class="m"
                  ><span class="offscreen">${monthOfYear(i.month)}: ${formatCount(i.count)}</span
                  ><span aria-hidden="true"
                    >${monthName(i.month)}<small>${i.month.endsWith("-01") || i === shown[0] ? i.month.slice(0, 4) : ""}</small></span
                  ></span
                >
              </li>`,
          )}
        </ol>
      </section>
      ${this.#bars("s-companies", t.statistics.perCompany, companies, "company")}
      ${this.#bars("s-tags", t.statistics.commonTags, tags, "tag")}
    </main>`;
  }

  /**
   * @param {string} id
   * @param {string} title
   * @param {any[]} items
   * @param {"company" | "tag"} name
   */
  #bars(id, title, items, name) {
    const top = items.slice(0, MAX_BARS);
    const highest = Math.max(1, ...top.map((i) => i.count));
    const rest = items.slice(MAX_BARS).reduce((n, i) => n + i.count, 0);
    return html`<section class="card" aria-labelledby=${id}>
      <h2 id=${id}>${title}</h2>
      ${top.length ? "" : html`<p class="none">${t.statistics.none}</p>`}
      <ul class="bars">
        ${repeat(
          top,
          (i) => i[name],
          (i) =>
            html`<li>
              <button type="button" @click=${() => this.#config.filter(name, i[name])} title=${t.statistics.show}>
                <span class="what">${i[name]}</span
                ><span class="track"><span class="bar" .style=${`width:${Math.max(0.6, (i.count / highest) * 100)}%`}></span></span
                ><span class="n">${formatCount(i.count)}</span>
              </button>
            </li>`,
        )}
        ${rest ? html`<li class="rest">${t.statistics.others(items.length - MAX_BARS, formatCount(rest))}</li>` : nothing}
      </ul>
    </section>`;
  }
}
