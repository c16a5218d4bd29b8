// Whether contacts are still being completed for lists and searches, as after an update of Grapevine.

// Between two looks, in milliseconds.
const INTERVAL = 3000; // while that goes on
const IDLE_INTERVAL = 60_000;

export class Forming {
  /** How far it is, in a sentence for people; empty if all contacts are complete. */
  message = "";

  /** @type {() => void} */
  #requestRender;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} requestRender */
  constructor(requestRender) {
    this.#requestRender = requestRender;
  }

  /** Asks the server, and again from time to time. */
  async check() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const response = await fetch("/readyz", { cache: "no-store" });
      const { state, message = "" } = (await response.json()).parts?.forms ?? {};
      this.message = state === "forming" ? message : "";
    } catch {
      // The banner tells elsewhere that the server cannot be reached.
    }
    this.#timer ??= setTimeout(() => this.check(), this.message ? INTERVAL : IDLE_INTERVAL);
    this.#requestRender();
  }
}
