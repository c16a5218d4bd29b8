// What happens if something fails: buttons that the server offers in development only. Each one puts everything right again.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */

/**
 * @typedef {object} ExperimentsConfig
 * @property {Api} api
 * @property {() => InstanceInfo | null} info as it was read last
 * @property {() => Promise<unknown>} readInfo
 * @property {(error: Error) => void} onError
 * @property {() => void} requestRender
 */

const POLL_INTERVAL = 1000;

export class Experiments {
  /** @type {ExperimentsConfig} */
  #config;
  /** The one that is under way. */
  #running = "";

  /** @param {ExperimentsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  render() {
    const { experiments } = this.#config.info() ?? {};
    const known = (experiments ?? []).filter((name) => Object.hasOwn(t.inspect.experiments, name));
    if (!known.length) return "";
    const running = this.#running;
    const row = (/** @type {keyof typeof t.inspect.experiments} */ name) => {
      const [title, watch, guarantee] = t.inspect.experiments[name];
      return html`<li>
        <button type="button" ?disabled=${running !== ""} @click=${() => this.#run(name)}>
          ${icon(running === name ? "pause" : "play")}${running === name ? t.inspect.watch : title}
        </button>
        <p>${watch}</p>
        <p class="guarantee">${icon("check")}${guarantee}</p>
      </li>`;
    };
    return html`<section class="card experiments" aria-labelledby="experiments-title">
      <h2 id="experiments-title">${t.inspect.whatIf}</h2>
      <ul>
        ${known.map((name) => row(/** @type {keyof typeof t.inspect.experiments} */ (name)))}
      </ul>
    </section>`;
  }

  /** Follows the experiment of `info` to its end, also one that another page began. */
  follow() {
    const { experiment } = this.#config.info() ?? {};
    if (experiment && !this.#running) this.#followToEnd(experiment);
  }

  /** @param {string} name */
  async #run(name) {
    this.#running = name;
    this.#config.requestRender();
    try {
      await this.#config.api.request("POST", `/inspect/experiments/${name}`);
    } catch (e) {
      this.#end(e);
      return;
    }
    await this.#followToEnd(name);
  }

  /** The server may be slow or away meanwhile, so an error is no end. @param {string} name */
  async #followToEnd(name) {
    const { info, readInfo } = this.#config;
    this.#running = name;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
      const known = await readInfo().catch(() => null);
      if (known !== null && !info()?.experiment) break;
    }
    const why = info()?.experimentFailure;
    this.#end(why ? new Error(why) : null);
  }

  /** @param {Error | null} error */
  #end(error) {
    this.#running = "";
    if (error) this.#config.onError(error);
    this.#config.requestRender();
  }
}
