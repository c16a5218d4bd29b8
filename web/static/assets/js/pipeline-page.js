// The pipeline page: each change on its path from MongoDB to this browser, and the state of the pipeline.

import { html, render } from "../vendor/lit/lit-html.js";
import { ChangeLog } from "./change-log.js";
import { operationName } from "./change-row.js";
import { ServerClock } from "./clock.js";
import { Curves } from "./curves.js";
import { Demonstration } from "./demonstration.js";
import { diagram } from "./diagram.js";
import { figures, instanceList } from "./figures.js";
import { formatDuration } from "./format.js";
import { connectionState, header } from "./header.js";
import { Api } from "./http.js";
import { icon } from "./icons.js";
import { RoomSocket } from "./room-socket.js";
import { scheduleRender } from "./schedule-render.js";
import { isTyping } from "./shortcuts.js";
import { Store } from "./store.js";
import { Toasts } from "./toasts.js";
import { TryIt } from "./try-it.js";
import { pagePaths, parseView } from "./view.js";
import { rememberWorkspace, workspaceMenu } from "./workspaces.js";

const HIDDEN_RENDER_DELAY = 500;
const AGES_INTERVAL = 5000; // how often instances without new figures are looked for
const MAX_STATS_AGE = 5000; // an instance without figures for this long is not shown
const MIN_SHOWN_OFFSET = 500; // smaller differences of the clocks are not shown, in milliseconds

/**
 * @typedef {object} PipelineState
 * @property {InstanceInfo | null} info
 * @property {number} members how many pages are open on the workspace
 * @property {ContactFields | null} contact the one that changed last, for the commands to try
 */

export class PipelinePage {
  /** @type {HTMLElement} */
  #root;
  #workspace = parseView(location.search).workspace;
  #paths = pagePaths(this.#workspace);
  #api = new Api(this.#workspace);
  /** @type {Store<PipelineState>} */
  #store = new Store({ info: null, members: 0, contact: null });
  #changed = this.#store.notify;
  /** The last figures of each instance, and when they came. @type {Map<string, {stats: InstanceStats, at: number}>} */
  #instances = new Map();
  #clock = new ServerClock(() => this.#readServerTime());
  #curves = new Curves();
  #toasts = new Toasts(this.#changed);
  #log = new ChangeLog({ workspace: this.#workspace, queue: () => this.#store.state.info?.queue, changed: this.#changed });
  #demonstration = new Demonstration({
    api: this.#api,
    onError: (e) => this.#toasts.show(`The demonstration stopped: ${e.message}`, { kind: "error" }),
    changed: this.#changed,
  });
  #tryIt = new TryIt({
    workspace: this.#workspace,
    demonstration: this.#demonstration,
    onCopied: () => this.#toasts.show("Copied.", { duration: 1500 }),
    changed: this.#changed,
  });
  #pipelineSocket = new RoomSocket({
    path: "/ws/pipeline",
    now: () => this.#api.now(),
    onEvent: (frame) => this.#onPipelineFrame(frame),
    onReread: () => {},
    onState: this.#changed,
  });
  #contactsSocket = new RoomSocket({
    path: "/ws/contacts",
    room: `workspace:${this.#workspace}`,
    now: () => this.#api.now(),
    onEvent: (frame) => this.#onContactsFrame(frame),
    onReread: () => {},
    onState: this.#changed,
  });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#store.subscribe(scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY));
    addEventListener("keydown", (e) => this.#onKey(e));
    setInterval(this.#changed, AGES_INTERVAL);
  }

  start() {
    this.#pipelineSocket.start();
    this.#contactsSocket.start();
    this.#clock.keepSynchronized().finally(this.#changed);
    this.#loadContact();
    rememberWorkspace(this.#workspace);
    this.#render();
  }

  /** Reads the server's time, together with the other facts about the instance. */
  async #readServerTime() {
    const { body } = await this.#api.get("/inspect/info");
    this.#store.update({ info: body });
    return Date.parse(body.now);
  }

  async #loadContact() {
    const answer = await this.#api.get("/contacts?limit=1&sort=-updatedAt").catch(() => null);
    const { contact } = this.#store.state;
    this.#store.update({ contact: contact ?? answer?.body.items[0] ?? null });
  }

  /** @param {Frame} frame */
  #onPipelineFrame(frame) {
    if (frame.event === "stats") this.#onStats(/** @type {any} */ (frame));
    else if (frame.event === "trace") this.#onTrace(/** @type {any} */ (frame));
    else if (frame.event?.startsWith("job:")) this.#log.addJob(frame);
  }

  /** @param {InstanceStats} stats */
  #onStats(stats) {
    this.#instances.set(stats.instance, { stats, at: Date.now() });
    if (stats.holder) this.#curves.add(Date.parse(stats.at), stats.lagMs ?? null, stats.rate ?? null);
    this.#changed();
  }

  /** @param {Trace} trace */
  #onTrace(trace) {
    const { op, id, name, workspace } = trace;
    const { contact } = this.#store.state;
    if (op === "deleted" && (!contact || contact.id === id)) {
      this.#store.update({ contact: null });
      this.#loadContact();
    } else if (workspace === this.#workspace && (op === "created" || (op === "updated" && !contact)))
      this.#store.update({ contact: { id, fullName: name } });
    this.#log.addTrace(trace);
  }

  /** @param {Frame} frame */
  #onContactsFrame(frame) {
    if (frame.event === "presence") this.#store.update({ members: frame.members });
    else if (frame.event?.startsWith("contact:") && frame.position) this.#log.addArrival(frame.position, this.#clock.serverTime());
  }

  /** @param {KeyboardEvent} e */
  #onKey(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || isTyping(e)) return;
    if (e.key === "p") this.#log.togglePause();
    else if (e.key === "c" || e.key === "i") location.assign(this.#paths.contacts);
    else if (e.key === "s") location.assign(this.#paths.statistics);
  }

  // ---- rendering

  #render() {
    const { info, members, contact } = this.#store.state;
    const all = [...this.#instances.values()];
    const instances = all
      .filter(({ at }) => Date.now() - at < MAX_STATS_AGE)
      .map(({ stats }) => stats)
      .sort((a, b) => (a.instance < b.instance ? -1 : 1));
    const leaseHolder = instances.find((stats) => stats.holder);
    const { latest, count } = this.#log;
    render(
      html`${header({
          current: "inspect",
          workspace: this.#workspace,
          workspaceMenu: workspaceMenu(this.#workspace, (workspace) => location.assign(pagePaths(workspace).inspect)),
          members,
          state: connectionState(this.#pipelineSocket.state === "live" ? this.#contactsSocket : this.#pipelineSocket),
          rerender: this.#changed,
        })}
        <main class="inspect" id="main">
          <h1 class="offscreen">Pipeline</h1>
          ${diagram({ latest, changeCount: count, socketState: this.#contactsSocket.state, queue: info?.queue, leaseHolder, instances })}
          ${figures(leaseHolder, instances)} ${this.#clockNotice()}
          <div class="left">${this.#log.view(this.#noChanges())}${this.#tryIt.view({ info, contact })}</div>
          <div class="right">${graphs()}${instanceList(instances, Math.max(0, ...all.map(({ at }) => at)))}</div>
        </main>
        ${this.#toasts.view()}
        <div class="offscreen" role="status" aria-live="polite">
          ${latest ? `${operationName(latest.trace)}: ${latest.trace.name ?? ""}` : ""}
        </div>`,
      this.#root,
    );
    this.#curves.mount(document.getElementById("lag-curve"), document.getElementById("rate-curve"));
  }

  #clockNotice() {
    const { known, offset } = this.#clock;
    if (!known || Math.abs(offset) <= MIN_SHOWN_OFFSET) return "";
    return html`<p class="skew">
      ${icon("warn")}<span
        >This computer's clock is ${formatDuration(Math.abs(offset) * 1000)} ${offset > 0 ? "behind" : "ahead of"} the server's. The times
        below are corrected for it.</span
      >
    </p>`;
  }

  #noChanges() {
    return html`<div class="nothing">
      ${icon("pulse")}
      <p><b>Waiting for the next change.</b></p>
      <p>Edit a contact in the <a href=${this.#paths.contacts}>list</a>, paste a command of “Try it” into mongosh, or</p>
      ${this.#demonstration.button(false)}
    </div>`;
  }
}

const graphs = () =>
  html`<section class="card graphs">
    <h2>Lag</h2>
    <div id="lag-curve" role="img" aria-label="End-to-end lag over the last five minutes"></div>
    <h2>Changes a second</h2>
    <div id="rate-curve" role="img" aria-label="Changes a second over the last five minutes"></div>
  </section>`;
