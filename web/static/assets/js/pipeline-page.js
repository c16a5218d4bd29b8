// The pipeline page: each change on its path from MongoDB to this browser, and the state of the pipeline.

import { html, render } from "../vendor/lit/lit-html.js";
import { ChangeLog } from "./change-log.js";
import { operationName } from "./change-row.js";
import { ServerClock } from "./clock.js";
import { LagCharts } from "./lag-charts.js";
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
import { PageState } from "./page-state.js";
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
 * @property {PartialContact | null} contact the one that changed last, for the commands to try
 */

export class PipelinePage {
  /** @type {HTMLElement} */
  #root;
  #workspace = parseView(location.search).workspace;
  #paths = pagePaths(this.#workspace);
  #api = new Api(this.#workspace);
  /** @type {PageState<PipelineState>} */
  #pageState = new PageState({ info: null, members: 0, contact: null });
  #requestRender = this.#pageState.notify;
  /** The last figures of each instance, and when they came. @type {Map<string, {stats: InstanceStats, at: number}>} */
  #instances = new Map();
  #clock = new ServerClock(() => this.#readServerTime());
  #lagCharts = new LagCharts();
  #toasts = new Toasts(this.#requestRender);
  #log = new ChangeLog({ workspace: this.#workspace, queue: () => this.#pageState.state.info?.queue, requestRender: this.#requestRender });
  #demonstration = new Demonstration({
    api: this.#api,
    onError: (e) => this.#toasts.show(`The demonstration stopped: ${e.message}`, { kind: "error" }),
    requestRender: this.#requestRender,
  });
  #tryIt = new TryIt({
    workspace: this.#workspace,
    demonstration: this.#demonstration,
    onCopied: () => this.#toasts.show("Copied.", { duration: 1500 }),
    requestRender: this.#requestRender,
  });
  #pipelineSocket = new RoomSocket({
    path: "/ws/pipeline",
    now: () => this.#api.now(),
    onEvent: (frame) => this.#onPipelineFrame(frame),
    onReread: () => {},
    onState: this.#requestRender,
  });
  #contactsSocket = new RoomSocket({
    path: "/ws/contacts",
    room: `workspace:${this.#workspace}`,
    now: () => this.#api.now(),
    onEvent: (frame) => this.#onContactsFrame(frame),
    onReread: () => {},
    onState: this.#requestRender,
  });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#pageState.subscribe(scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY));
    addEventListener("keydown", (e) => this.#onKey(e));
    setInterval(this.#requestRender, AGES_INTERVAL);
  }

  start() {
    this.#pipelineSocket.start();
    this.#contactsSocket.start();
    this.#clock.keepSynchronized().finally(this.#requestRender);
    this.#loadContact();
    rememberWorkspace(this.#workspace);
    this.#render();
  }

  /** Reads the server's time, together with the other facts about the instance. */
  async #readServerTime() {
    const { body } = await this.#api.get("/inspect/info");
    this.#pageState.update({ info: body });
    return Date.parse(body.now);
  }

  async #loadContact() {
    const answer = await this.#api.get("/contacts?limit=1&sort=-updatedAt").catch(() => null);
    const { contact } = this.#pageState.state;
    this.#pageState.update({ contact: contact ?? answer?.body.items[0] ?? null });
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
    if (stats.holder) this.#lagCharts.add(Date.parse(stats.at), stats.lagMs ?? null, stats.rate ?? null);
    this.#requestRender();
  }

  /** @param {Trace} trace */
  #onTrace(trace) {
    const { op, id, name, workspace } = trace;
    const { contact } = this.#pageState.state;
    if (op === "deleted" && (!contact || contact.id === id)) {
      this.#pageState.update({ contact: null });
      this.#loadContact();
    } else if (workspace === this.#workspace && (op === "created" || (op === "updated" && !contact)))
      this.#pageState.update({ contact: { id, fullName: name } });
    this.#log.addTrace(trace);
  }

  /** @param {Frame} frame */
  #onContactsFrame(frame) {
    if (frame.event === "presence") this.#pageState.update({ members: frame.members });
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
    const { info, members, contact } = this.#pageState.state;
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
          requestRender: this.#requestRender,
        })}
        <main class="inspect" id="main">
          <h1 class="offscreen">Pipeline</h1>
          ${diagram({ latest, changeCount: count, socketState: this.#contactsSocket.state, queue: info?.queue, leaseHolder, instances })}
          ${figures(leaseHolder, instances)} ${this.#clockNotice()}${problemNotices(instances)}
          <div class="left">${this.#log.render(this.#noChanges())}${this.#tryIt.render({ info, contact })}</div>
          <div class="right">${graphs()}${instanceList(instances, Math.max(0, ...all.map(({ at }) => at)))}</div>
        </main>
        ${this.#toasts.render()}
        <div class="offscreen" role="status" aria-live="polite">
          ${latest ? `${operationName(latest.trace)}: ${latest.trace.name ?? ""}` : ""}
        </div>`,
      this.#root,
    );
    this.#lagCharts.mount(document.getElementById("lag-chart"), document.getElementById("rate-chart"));
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
      <p>Edit a contact in the <a href=${this.#paths.contacts}>list</a>, paste a command from “Try it” into mongosh, or</p>
      ${this.#demonstration.button(false)}
    </div>`;
  }
}

/** One line for each thing that is wrong with MongoDB's collections and indexes. @param {InstanceStats[]} instances */
const problemNotices = (instances) =>
  [...new Set(instances.flatMap(({ problems }) => (problems ?? []).map(({ message }) => message)))].map(
    (message) => html`<p class="skew" data-problem>${icon("warn")}<span>${message}</span></p>`,
  );

const graphs = () =>
  html`<section class="card graphs">
    <h2>Lag</h2>
    <div id="lag-chart" role="img" aria-label="End-to-end lag over the last five minutes"></div>
    <h2>Changes a second</h2>
    <div id="rate-chart" role="img" aria-label="Changes a second over the last five minutes"></div>
  </section>`;
