// The parts of the contacts page that are loaded when the person first asks for them: the palette and the statistics.

import { lazy } from "./lazy.js";
import { t } from "./texts.js";

/** @import { Command } from "./commands.js" */
/** @import { Api } from "./http.js" */
/** @import { Toasts } from "./toasts.js" */

const loadPalette = lazy(() => import("./palette.js"));
const loadStatistics = lazy(() => import("./statistics.js"));

/**
 * @typedef {object} LazyPartsConfig
 * @property {() => Api} api
 * @property {() => MaybePosition} minPosition
 * @property {() => Command[]} commands
 * @property {(id: string) => void} open a contact
 * @property {(name: "company" | "tag", value: string) => void} filter shows the contacts of one bar
 * @property {Toasts} toasts
 * @property {() => void} requestRender
 */

export class LazyParts {
  /** @type {import("./palette.js").Palette | undefined} */
  palette;
  /** @type {import("./statistics.js").Statistics | undefined} */
  statistics;

  /** @type {LazyPartsConfig} */
  #config;

  /** @param {LazyPartsConfig} config */
  constructor(config) {
    this.#config = config;
  }

  async showPalette() {
    const module = await loadPalette().catch(() => this.#tellFailure());
    if (!module) return;
    this.palette ??= new module.Palette(this.#config);
    this.palette.show();
  }

  /** Reads the statistics soon. */
  async readStatistics() {
    const module = await loadStatistics().catch(() => this.#tellFailure());
    if (!module) return;
    this.statistics ??= new module.Statistics(this.#config);
    this.statistics.scheduleRead();
    this.#config.requestRender();
  }

  /** @returns {null} */
  #tellFailure() {
    this.#config.toasts.show(t.common.unreachable, { kind: "error" });
    return null;
  }
}
