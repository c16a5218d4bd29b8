// Whether contacts are still being completed for lists and searches, as after an update of Grapevine.

import { formatCount } from "./plural.js";
import { t } from "./texts.js";

// Between two looks, in milliseconds.
const INTERVAL = 3000; // while that goes on
const IDLE_INTERVAL = 60_000;

export class Forming {
  /** How far it is; null if all contacts are complete. @type {{seen: number, total: number} | null} */
  #progress = null;

  /** @type {() => void} */
  #requestRender;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} requestRender */
  constructor(requestRender) {
    this.#requestRender = requestRender;
  }

  /** How far it is, in a sentence; empty if all contacts are complete. */
  get message() {
    return this.#progress ? t.banner.forming(formatCount(this.#progress.seen), formatCount(this.#progress.total)) : "";
  }

  /** Asks the server, and again from time to time. */
  async check() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const response = await fetch("/readyz", { cache: "no-store" });
      const { state, detail } = (await response.json()).parts?.forms ?? {};
      this.#progress = state === "forming" ? detail : null;
    } catch {
      // The banner tells elsewhere that the server cannot be reached.
    }
    this.#timer ??= setTimeout(() => this.check(), this.#progress ? INTERVAL : IDLE_INTERVAL);
    this.#requestRender();
  }
}
