// Whether contacts are still being completed for lists and searches, as after an update of Grapevine.

const INTERVAL = 3000; // between two looks while that goes on, in milliseconds

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

  /** Asks the server, and again as long as it goes on. */
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
    if (this.message) this.#timer ??= setTimeout(() => this.check(), INTERVAL);
    this.#requestRender();
  }
}
