// Creates, edits and deletes a sample contact through the API, so that a newcomer sees three changes.

import { html } from "../vendor/lit/lit-html.js";
import { randomId } from "./http.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */

const STEP_DELAY = 1800;

/**
 * @typedef {object} DemonstrationConfig
 * @property {Api} api
 * @property {(error: Error) => void} onError
 * @property {() => void} requestRender
 */

export class Demonstration {
  /** @type {DemonstrationConfig} */
  #config;
  #running = false;

  /** @param {DemonstrationConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {boolean} secondary a plain button with an icon */
  button(secondary) {
    return html`<button type="button" class=${secondary ? "" : "primary"} ?disabled=${this.#running} @click=${() => this.#run()}>
      ${secondary ? icon("play") : ""}${this.#running ? t.inspect.watch : t.inspect.demonstrate}
    </button>`;
  }

  async #run() {
    if (this.#running) return;
    this.#setRunning(true);
    const { api, onError } = this.#config;
    const pause = () => new Promise((resolve) => setTimeout(resolve, STEP_DELAY));
    try {
      const { body } = await api.create(
        { kind: "person", firstName: "Ada", lastName: "Lovelace", notes: "Here for a moment.", tags: ["demonstration"] },
        randomId(),
      );
      await pause();
      await api.patch(body.id, { notes: "Seen by every screen." });
      await pause();
      await api.remove(body.id);
    } catch (e) {
      onError(e);
    }
    this.#setRunning(false);
  }

  /** @param {boolean} running */
  #setRunning(running) {
    this.#running = running;
    this.#config.requestRender();
  }
}
