// The server's clock as seen from this machine. A change has times of the server's clock and a time of arrival of this
// machine's clock. They can be compared only if both are on one clock.

const SAMPLES = 5;
const SYNC_INTERVAL = 30000;
const RESOLUTION = 1; // of the server's answer, in milliseconds

/** This machine's clock in milliseconds since 1970, with fractions. */
export const localTime = () => performance.timeOrigin + performance.now();

export class ServerClock {
  /** By how many milliseconds the server's clock is ahead of this one. */
  offset = 0;
  /** Whether the offset was measured. */
  known = false;

  /** @type {() => Promise<number> | number} */
  #readServerTime;
  /** @type {() => number} */
  #now;

  /**
   * @param {() => Promise<number> | number} readServerTime asks the server; the answer must not be cached
   * @param {() => number} [now]
   */
  constructor(readServerTime, now = localTime) {
    this.#readServerTime = readServerTime;
    this.#now = now;
  }

  /**
   * Measures the offset by the fastest of several requests. The server read its clock at some moment
   * between request and answer, so the error is at most half of that time. A smaller difference counts as
   * none.
   */
  async synchronize(samples = SAMPLES) {
    let fastest = Infinity;
    for (let i = 0; i < samples; i++) {
      const asked = this.#now();
      const serverTime = await this.#readServerTime();
      const answered = this.#now();
      if (!Number.isFinite(serverTime) || answered - asked >= fastest) continue;
      fastest = answered - asked;
      const offset = serverTime - (asked + answered) / 2;
      this.offset = Math.abs(offset) > fastest / 2 + RESOLUTION ? offset : 0;
      this.known = true;
    }
  }

  /** Measures now and regularly: clocks drift, and a machine that slept may have set its own. */
  async keepSynchronized() {
    await this.synchronize().catch(() => {}); // the server is unavailable: the next time may succeed
    setTimeout(() => this.keepSynchronized(), SYNC_INTERVAL);
  }

  /** The time on the server's clock at a moment of the local clock. */
  serverTime(moment = this.#now()) {
    return moment + this.offset;
  }
}
