// What happens if something fails: buttons that the server offers in development only. Each one puts everything right again.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */

/**
 * @typedef {object} ExperimentsConfig
 * @property {Api} api
 * @property {() => InstanceInfo | null} info
 * @property {(error: Error) => void} onError
 * @property {() => void} requestRender
 */

const POLL_INTERVAL = 1000;

export class Experiments {
  /** @type {ExperimentsConfig} */
  #config;
  /** The one that was started by this page and has not ended. */
  #running = "";

  /** @param {ExperimentsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  render() {
    const { experiments, experiment } = this.#config.info() ?? {};
    const known = (experiments ?? []).filter((name) => Object.hasOwn(t.inspect.experiments, name));
    if (!known.length) return "";
    const running = this.#running || experiment;
    const row = (/** @type {keyof typeof t.inspect.experiments} */ name) => {
      const [title, watch, guarantee] = t.inspect.experiments[name];
      return html`<li>
        <button type="button" ?disabled=${Boolean(running)} @click=${() => this.#run(name)}>
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

  /** @param {string} name */
  async #run(name) {
    const { api, onError, requestRender } = this.#config;
    this.#running = name;
    requestRender();
    try {
      await api.request("POST", `/inspect/experiments/${name}`);
      await this.#ended();
    } catch (e) {
      onError(e);
    }
    this.#running = "";
    requestRender();
  }

  /** Resolves when no experiment is under way. The server may be slow meanwhile, so an error is no end. */
  async #ended() {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
      const info = await this.#config.api.get("/inspect/info").catch(() => null);
      if (info && !info.body.experiment) return;
    }
  }
}
