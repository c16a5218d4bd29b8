// The server's clock, as seen from this machine: the times of a change are compared with the time it
// arrived here, and two machines seldom agree to the millisecond.

const SAMPLES = 5;
const AGAIN = 30000;
const RESOLUTION = 1; // milliseconds to which the answer tells the time

/** This machine's clock in milliseconds since 1970, with fractions. */
export const local = () => performance.timeOrigin + performance.now();

export class Clock {
  /** ask() → the server's time in milliseconds, or a promise of it; the answer must not come from a cache. */
  constructor(ask, now = local) {
    Object.assign(this, { ask, now });
    this.ahead = 0; // milliseconds by which the server's clock is ahead of this one
    this.known = false;
  }

  /**
   * Compares the clocks, by the fastest of some requests: the server read its clock somewhere between the
   * question and the answer, so the estimate is off by at most half of what that one took. A difference
   * that is not greater than this is taken for none.
   */
  async compare(samples = SAMPLES) {
    let best = Infinity;
    for (let i = 0; i < samples; i++) {
      const asked = this.now();
      const theirs = await this.ask();
      const answered = this.now();
      if (!Number.isFinite(theirs) || answered - asked >= best) continue;
      best = answered - asked;
      const ahead = theirs - (asked + answered) / 2;
      this.ahead = Math.abs(ahead) > best / 2 + RESOLUTION ? ahead : 0;
      this.known = true;
    }
  }

  /** Compares now and then: clocks drift, and a machine that slept may have set its own. */
  async follow() {
    await this.compare().catch(() => {}); // the server is away; next time
    setTimeout(() => this.follow(), AGAIN);
  }

  /** A moment of the local clock on the server's. */
  server(moment = this.now()) {
    return moment + this.ahead;
  }
}
