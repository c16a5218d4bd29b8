// One room followed over a WebSocket: joined with `since`, resumed after every break, woken by hand
// after sleep. It reports facts and leaves what to do about them to the page.

import { later, wallMs } from "./position.js";

const PING_EVERY = 5000; // the ack's position keeps `since` young on a quiet list
const PING_PATIENCE = 4000; // no answer for this long: the connection is dead, whatever the browser thinks
const TICK = 250;
const WAKE_PATIENCE = 800; // after sleep or a network change, be sure quickly
const BEHIND = 4000; // an acknowledged position older than this is still catching up: the heartbeat moves it every second
const BACKOFF = { first: 250, most: 10000 };

/** How long to wait before attempt n (from 0): doubled, capped, jittered so that a herd spreads out. */
export function backoff(n, random = Math.random) {
  const ceiling = Math.min(BACKOFF.most, BACKOFF.first * 2 ** n);
  return ceiling / 2 + (random() * ceiling) / 2;
}

/**
 * config: {path, room?, now() → milliseconds on the server's clock, onEvent(frame), onReread(reason), onState()}.
 * Without a room the server joins the socket itself (/ws/pipeline). States: "connecting",
 * "catching up", "live", "offline", and "refused" (the server will not have us; no more attempts).
 */
export class Live {
  constructor(config) {
    this.config = config;
    this.since = undefined;
    this.state = "connecting";
    this.attempt = 0;
    this.wanted = false;
    this.degraded = false;
    this.awake = Date.now();
    this.lostAt = undefined; // when the connection was lost, while there is none
  }

  /** Begins to follow, from just after position since (or from now on). */
  start(since) {
    this.since = since;
    if (this.wanted) return this.reconnect();
    this.wanted = true;
    this.aborter = new AbortController();
    const { signal } = this.aborter;
    const wake = () => document.visibilityState === "visible" && this.wake();
    document.addEventListener("visibilitychange", wake, { signal });
    addEventListener("pageshow", (e) => e.persisted && this.reconnect(), { signal });
    addEventListener("online", () => this.reconnect(), { signal });
    addEventListener("offline", () => this.#lost(true), { signal });
    // Timers stand still while a machine sleeps: a gap in them is how a page learns that it slept. A
    // short one may be a busy machine, and in the background the browser slows them down: then it is asked.
    this.ticker = setInterval(() => {
      const now = Date.now();
      const gap = now - this.awake;
      this.awake = now;
      if (gap > 6000 && document.visibilityState === "visible") this.reconnect();
      else if (gap > 2500) this.wake();
      else this.#tick(now);
    }, TICK);
    this.#open();
  }

  stop() {
    this.wanted = false;
    this.aborter?.abort();
    clearInterval(this.ticker);
    clearTimeout(this.timer);
    this.#drop();
  }

  /** The position up to which the page has shown everything moves on. */
  seen(position) {
    this.since = later(this.since, position);
  }

  /** Makes sure the connection is alive, quickly. */
  wake() {
    if (!this.wanted || !navigator.onLine || this.socket?.readyState === WebSocket.CONNECTING) return;
    if (this.socket?.readyState !== WebSocket.OPEN) return this.reconnect();
    this.#ping(WAKE_PATIENCE);
  }

  /** Drops what there is and connects at once. */
  reconnect() {
    if (!this.wanted) return;
    this.attempt = 0;
    this.#drop();
    this.#open();
  }

  #open() {
    clearTimeout(this.timer);
    this.#say("connecting");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.config.path}`);
    this.socket = socket;
    const mine = (f) => (e) => this.socket === socket && f(e);
    this.giveUp = setTimeout(() => this.socket === socket && this.#lost(), 5000);
    socket.onopen = mine(() => {
      this.degraded = false;
      if (this.config.room) this.#send({ op: "join", ref: "join", room: this.config.room, since: this.since, presence: true });
      else this.#ready();
    });
    socket.onmessage = mine((e) => this.#frame(JSON.parse(e.data)));
    socket.onclose = mine((e) => this.#closed(e.code));
  }

  #ready() {
    clearTimeout(this.giveUp);
    this.attempt = 0;
    this.#say("catching up");
    this.caughtUp = undefined;
    this.#ping(PING_PATIENCE); // its ack says how far the replay has come
  }

  #frame(frame) {
    this.heard = Date.now();
    if (frame.op === "ack" && frame.ref === "join") {
      // After the ack, not before: what happened until then is in the reading, what comes after is sent.
      if (!frame.recovered) this.config.onReread("the history no longer reaches back to what this page last saw");
      this.since = frame.position;
      this.#ready();
    } else if (frame.op === "ack") {
      this.seen(frame.position);
      this.pinged = 0;
      if (
        this.state !== "catching up" ||
        !this.config.room ||
        !frame.position ||
        this.config.now() - wallMs(frame.position) < BEHIND ||
        frame.position === this.caughtUp
      )
        this.#say("live");
      else {
        this.caughtUp = frame.position; // nothing more came since: then the pipeline is late, not the replay
        setTimeout(() => this.state === "catching up" && this.#ping(PING_PATIENCE), 300);
      }
    } else if (frame.op === "error") {
      if (frame.code === "bad-position") {
        this.since = undefined;
        this.reconnect();
      } else if (frame.ref === "join") this.#refuse();
    } else if (frame.event === "pipeline") {
      this.degraded = frame.state === "degraded";
      this.config.onState(this.state);
    } else {
      this.config.onEvent(frame);
      if (frame.event === "resync") {
        this.since = frame.position; // which may lie before what was seen, where a history began anew
        this.config.onReread(frame.reason || "the server asked for it");
      } else if (frame.position && frame.room !== "pipeline") this.seen(frame.position);
    }
  }

  #ping(patience) {
    this.pinged = Date.now();
    this.patience = patience;
    this.#send({ op: "ping", ref: "ping" });
    setTimeout(() => this.#tick(Date.now()), patience + 20);
  }

  #tick(now) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (this.pinged) {
      if (now - this.pinged > this.patience) this.#lost();
    } else if (this.state === "live" && now - (this.lastPing ?? 0) > PING_EVERY) {
      this.lastPing = now;
      this.#ping(PING_PATIENCE);
    }
  }

  #send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  #closed(code) {
    if (code === 4401 || code === 4403) return this.#refuse();
    // Going away and too slow are no faults of the server: come back soon, but not all at once.
    if (code === 1001 || code === 4008) this.attempt = 0;
    this.#lost();
  }

  #refuse() {
    this.#drop();
    this.wanted = false;
    this.#say("refused");
  }

  #lost(offline = false) {
    this.#drop();
    if (!this.wanted) return;
    this.#say("offline");
    clearTimeout(this.timer);
    if (offline) return; // "online" brings it back
    this.timer = setTimeout(() => this.#open(), backoff(this.attempt++));
  }

  #drop() {
    clearTimeout(this.giveUp);
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.pinged = 0;
    if (socket) socket.close();
  }

  #say(state) {
    if (this.state === state) return;
    this.state = state;
    if (state === "live") this.lostAt = undefined;
    else if (state === "offline") this.lostAt ??= Date.now();
    this.config.onState(state);
  }
}
