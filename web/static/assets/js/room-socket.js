// A WebSocket that follows one room: it joins with `since`, resumes after every break, and notices when
// the machine slept. It reports what happened; the page decides what to do about it.

import { laterPosition, positionTime } from "./position.js";

const PING_INTERVAL = 5000; // the ack's position keeps `since` recent on a quiet list
const PING_TIMEOUT = 4000; // without an answer for this long the connection is dead
const QUICK_PING_TIMEOUT = 800; // after sleep or a network change
const OPEN_TIMEOUT = 5000;
const TICK = 250;
const SLEEP_GAP = 6000; // a pause of the timers that only sleep explains
const SUSPICIOUS_GAP = 2500; // a pause of the timers that may be sleep or a busy machine
const CATCH_UP_LAG = 4000; // an acknowledged position older than this means that a replay is not finished
const CATCH_UP_PING = 300;
const PROBE_TIMEOUT = 3000;
const BACKOFF = { first: 250, max: 10000 };

const CLOSE_GOING_AWAY = 1001;
const CLOSE_UNAUTHORIZED = 4401; // reserved for sign-in: the server does not send it yet
const CLOSE_FORBIDDEN = 4403;
const CLOSE_SLOW_CLIENT = 4008;

/** @typedef {"connecting" | "catching up" | "live" | "offline" | "refused"} SocketState "refused": the server rejected the page, which stops trying */

/**
 * The delay before attempt n (from 0) in milliseconds: doubled each time, capped, and with jitter, so that
 * many clients do not return at the same moment.
 *
 * @param {number} n
 */
export function backoff(n, random = Math.random) {
  const ceiling = Math.min(BACKOFF.max, BACKOFF.first * 2 ** n);
  return ceiling / 2 + (random() * ceiling) / 2;
}

/**
 * @typedef {object} RoomSocketConfig
 * @property {string} path
 * @property {string} [room] without one the server chooses the room
 * @property {() => number} now the time on the server's clock, in milliseconds
 * @property {(frame: Frame) => void} onEvent
 * @property {() => void} onReread changes were missed: everything has to be read again
 * @property {(members: number) => void} [onMembers] how many pages are in the room of followPresence
 * @property {() => void} onState state, degraded or lostAt changed
 */

export class RoomSocket {
  /** The page has shown everything up to this position. @type {MaybePosition} */
  since;
  /** @type {SocketState} */
  state = "connecting";
  /** The server said that its pipeline is behind or stopped. */
  degraded = false;
  /** When the connection was lost; undefined while there is one. @type {number | undefined} */
  lostAt;

  /** @type {RoomSocketConfig} */
  #config;
  /** A second room, of which only the number of pages matters; empty for none. */
  #presenceRoom = "";
  #started = false;
  #attempt = 0;
  /** @type {WebSocket | null} */
  #socket = null;
  /** Removes the listeners of start. @type {AbortController | undefined} */
  #listeners;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #tickTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #openTimer;
  #lastTick = Date.now();
  #lastPing = 0;
  /** When a ping without an answer was sent; 0 if none is open. */
  #pingSentAt = 0;
  #pingTimeout = PING_TIMEOUT;
  /** The position of the last ack while catching up. @type {MaybePosition} */
  #lastAckPosition;

  /** @param {RoomSocketConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /**
   * Starts to follow the room after position since, or from now on.
   *
   * @param {MaybePosition} [since]
   */
  start(since) {
    this.since = since;
    if (this.#started) return this.reconnect();
    this.#started = true;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const onVisible = () => document.visibilityState === "visible" && this.checkConnection();
    document.addEventListener("visibilitychange", onVisible, { signal });
    addEventListener("pageshow", (e) => e.persisted && this.reconnect(), { signal });
    addEventListener("online", () => this.reconnect(), { signal });
    addEventListener("offline", () => this.#connectionLost(false), { signal });
    // Timers stop while a machine sleeps, so a long gap between two ticks means sleep. A shorter gap may be
    // a busy machine or a page in the background; then a ping finds out.
    this.#tickTimer = setInterval(() => {
      const now = Date.now();
      const gap = now - this.#lastTick;
      this.#lastTick = now;
      if (gap > SLEEP_GAP && document.visibilityState === "visible") this.reconnect();
      else if (gap > SUSPICIOUS_GAP) this.checkConnection();
      else this.#tick(now);
    }, TICK);
    this.#open();
  }

  stop() {
    this.#started = false;
    this.#listeners?.abort();
    clearInterval(this.#tickTimer);
    this.#disconnect();
  }

  /**
   * Follows how many pages are in a second room. Its events are left out: they come from the first room as well.
   *
   * @param {string} room empty: none
   */
  followPresence(room) {
    if (room === this.#presenceRoom) return;
    if (this.#presenceRoom) this.#send({ op: "leave", ref: "presence", room: this.#presenceRoom });
    this.#presenceRoom = room;
    this.#joinPresenceRoom();
  }

  #joinPresenceRoom() {
    if (this.#presenceRoom) this.#send({ op: "join", ref: "presence", room: this.#presenceRoom, presence: true });
  }

  /** Finds out quickly whether the connection is alive. */
  checkConnection() {
    if (!this.#started || !navigator.onLine || this.#socket?.readyState === WebSocket.CONNECTING) return;
    if (this.#socket?.readyState !== WebSocket.OPEN) return this.reconnect();
    this.#ping(QUICK_PING_TIMEOUT);
  }

  /** Closes the connection, if any, and opens a new one at once. */
  reconnect() {
    if (!this.#started) return;
    this.#attempt = 0;
    const wasOffline = this.state === "offline";
    this.#disconnect();
    if (wasOffline) this.#probe();
    else this.#open();
  }

  /** @param {MaybePosition} position */
  #raiseSince(position) {
    this.since = laterPosition(this.since, position);
  }

  #open() {
    clearTimeout(this.#retryTimer);
    this.#setState("connecting");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.#config.path}`);
    this.#socket = socket;
    const ifCurrent = (/** @type {(e: any) => void} */ f) => (/** @type {Event} */ e) => {
      if (this.#socket === socket) f(e);
    };
    this.#openTimer = setTimeout(() => this.#socket === socket && this.#connectionLost(), OPEN_TIMEOUT);
    socket.onopen = ifCurrent(() => {
      this.degraded = false;
      if (this.#config.room) this.#send({ op: "join", ref: "join", room: this.#config.room, since: this.since, presence: true });
      else this.#joined();
      this.#joinPresenceRoom();
    });
    socket.onmessage = ifCurrent((e) => this.#onFrame(JSON.parse(e.data)));
    socket.onclose = ifCurrent((e) => this.#onClose(e.code));
  }

  #joined() {
    clearTimeout(this.#openTimer);
    this.#attempt = 0;
    this.#setState("catching up");
    this.#lastAckPosition = undefined;
    this.#ping(PING_TIMEOUT); // its ack carries the position of the replay
  }

  /** @param {Frame} frame */
  #onFrame(frame) {
    if (frame.ref === "presence") return;
    if (frame.op === "ack" && frame.ref === "join") this.#onJoinAck(frame);
    else if (frame.op === "ack") this.#onPingAck(frame);
    else if (frame.op === "error") this.#onError(frame);
    else if (frame.event === "pipeline") {
      this.degraded = frame.state === "degraded";
      this.#config.onState();
    } else this.#onEvent(frame);
  }

  /** @param {Frame} frame */
  #onJoinAck(frame) {
    if (!frame.recovered) this.#config.onReread();
    this.since = frame.position; // only after onReread: the reading covers everything before
    this.#joined();
  }

  /** @param {Frame} frame */
  #onPingAck(frame) {
    const { position } = frame;
    this.#raiseSince(position);
    this.#pingSentAt = 0;
    const caughtUp =
      this.state !== "catching up" ||
      !this.#config.room ||
      !position ||
      this.#config.now() - positionTime(position) < CATCH_UP_LAG ||
      position === this.#lastAckPosition; // no progress: then the pipeline is late, not the replay
    if (caughtUp) return this.#setState("live");
    this.#lastAckPosition = position;
    setTimeout(() => this.state === "catching up" && this.#ping(PING_TIMEOUT), CATCH_UP_PING);
  }

  /** @param {Frame} frame */
  #onError(frame) {
    if (frame.code === "bad-position") {
      this.since = undefined;
      this.reconnect();
    } else if (frame.ref === "join") this.#refused();
  }

  /** @param {Frame} frame */
  #onEvent(frame) {
    if (frame.room && frame.room !== this.#config.room && this.#config.room) {
      if (frame.event === "presence" && frame.room === this.#presenceRoom) this.#config.onMembers?.(frame.members);
      return;
    }
    this.#config.onEvent(frame);
    if (frame.event === "resync") {
      this.since = frame.position; // it may be earlier than `since`, if the event log started again
      this.#config.onReread();
    } else if (frame.position && frame.room !== "pipeline") this.#raiseSince(frame.position);
  }

  /** @param {number} timeout */
  #ping(timeout) {
    this.#pingSentAt = Date.now();
    this.#pingTimeout = timeout;
    this.#send({ op: "ping", ref: "ping" });
    setTimeout(() => this.#tick(Date.now()), timeout + 20);
  }

  /** @param {number} now */
  #tick(now) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#pingSentAt) {
      if (now - this.#pingSentAt > this.#pingTimeout) this.#connectionLost();
    } else if (this.state === "live" && now - this.#lastPing > PING_INTERVAL) {
      this.#lastPing = now;
      this.#ping(PING_TIMEOUT);
    }
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {number} code */
  #onClose(code) {
    if (code === CLOSE_UNAUTHORIZED || code === CLOSE_FORBIDDEN) return this.#refused();
    // After these codes the server is fine, so the first retry comes soon.
    if (code === CLOSE_GOING_AWAY || code === CLOSE_SLOW_CLIENT) this.#attempt = 0;
    this.#connectionLost();
  }

  #refused() {
    this.#disconnect();
    this.#started = false;
    this.#setState("refused");
  }

  /** @param {boolean} [retry] false while the browser is offline: its "online" event reconnects */
  #connectionLost(retry = true) {
    this.#disconnect();
    if (!this.#started) return;
    this.#setState("offline");
    if (retry) this.#retryTimer = setTimeout(() => this.#probe(), backoff(this.#attempt++));
  }

  /**
   * Asks over HTTP whether the server is there, and then opens the socket. After some failures Firefox lets a new socket wait
   * for up to a minute; a request does not wait.
   */
  async #probe() {
    const attempt = this.#attempt;
    const found = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PROBE_TIMEOUT) }).then(
      () => true,
      () => false,
    );
    if (!this.#started || this.#socket || attempt !== this.#attempt) return;
    if (found) this.#open();
    else this.#connectionLost();
  }

  #disconnect() {
    clearTimeout(this.#openTimer);
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    this.#pingSentAt = 0;
    if (socket) socket.close();
  }

  /** @param {SocketState} state */
  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    if (state === "live") this.lostAt = undefined;
    else if (state === "offline") this.lostAt ??= Date.now();
    this.#config.onState();
  }
}
