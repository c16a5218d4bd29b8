// The pipeline page: each change on its path from MongoDB to this browser, and the state of the pipeline.

import { html, render } from "../vendor/lit/lit-html.js";
import { ChangeLog } from "./change-log.js";
import { copy } from "./clipboard.js";
import { ServerClock } from "./clock.js";
import { listenForCommands } from "./commands.js";
import { LagCharts } from "./lag-charts.js";
import { Demonstration } from "./demonstration.js";
import { diagram } from "./diagram.js";
import { Experiments } from "./experiments.js";
import { figures, instanceList } from "./figures.js";
import { FollowedChange } from "./followed-change.js";
import { formatDuration } from "./format.js";
import { connectionState, header } from "./header.js";
import { helpDialog } from "./help.js";
import { Api } from "./http.js";
import { icon } from "./icons.js";
import { operationName } from "./operation-name.js";
import { RoomSocket } from "./room-socket.js";
import { scheduleRender } from "./schedule-render.js";
import { serverText } from "./server-text.js";
import { sharedCommands } from "./shared-commands.js";
import { PageState } from "./page-state.js";
import { t } from "./texts.js";
import { Toasts } from "./toasts.js";
import { TryIt } from "./try-it.js";
import { pagePaths, parseView } from "./view.js";
import { rememberWorkspace, WorkspaceMenu } from "./workspaces.js";

/** @import { Command } from "./commands.js" */

const HIDDEN_RENDER_DELAY = 500;
const RENDER_INTERVAL = 120; // at least between two renderings, in milliseconds: a burst has hundreds of changes a second
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
  #followed = new FollowedChange(this.#requestRender);
  #log = new ChangeLog({
    workspace: this.#workspace,
    queue: () => this.#pageState.state.info?.queue,
    onChange: (entry) => this.#followed.offer(entry),
    onFollow: (entry) => this.#followed.pin(entry),
    requestRender: this.#requestRender,
  });
  #experiments = new Experiments({
    api: this.#api,
    info: () => this.#pageState.state.info,
    readInfo: () => this.#readServerTime(),
    onError: (e) => this.#toasts.show(t.inspect.experimentFailed(serverText(e.message)), { kind: "error" }),
    requestRender: this.#requestRender,
  });
  #demonstration = new Demonstration({
    api: this.#api,
    onError: (e) => this.#toasts.show(t.inspect.stopped(e.message), { kind: "error" }),
    requestRender: this.#requestRender,
  });
  #tryIt = new TryIt({
    workspace: this.#workspace,
    demonstration: this.#demonstration,
    copy: (text) => copy(text, this.#toasts),
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

  /** @type {Command[]} */
  #commands = [
    { id: "pause", keys: "P", icon: "pause", text: () => t.commands.pause, inMenu: true, run: () => this.#log.togglePause() },
    ...sharedCommands({ workspace: () => this.#workspace, requestRender: this.#requestRender }),
  ];

  #workspaceMenu = new WorkspaceMenu({
    current: () => this.#workspace,
    onPick: (workspace) => location.assign(pagePaths(workspace).inspect),
    requestRender: this.#requestRender,
  });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#pageState.subscribe(scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY, RENDER_INTERVAL));
    listenForCommands(() => this.#commands);
    addEventListener("textschange", this.#requestRender);
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
    this.#experiments.follow();
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

  // ---- rendering

  #render() {
    const { info, members, contact } = this.#pageState.state;
    const all = [...this.#instances.values()];
    const instances = all
      .filter(({ at }) => Date.now() - at < MAX_STATS_AGE)
      .map(({ stats }) => stats)
      .sort((a, b) => (a.instance < b.instance ? -1 : 1));
    const leaseHolder = instances.find((stats) => stats.holder);
    const { latest } = this.#log;
    render(
      html`${header({
          current: "inspect",
          workspace: this.#workspace,
          workspaceMenu: this.#workspaceMenu.render(),
          members,
          state: connectionState(this.#pipelineSocket.state === "live" ? this.#contactsSocket : this.#pipelineSocket),
          commands: this.#commands,
        })}
        <main class="inspect" id="main" tabindex="-1">
          <h1 class="offscreen">${t.header.pipeline}</h1>
          ${diagram({ workspace: this.#workspace, change: this.#followed.entry, changeCount: this.#followed.count, socketState: this.#contactsSocket.state, queue: info?.queue, leaseHolder, instances })}
          ${figures(leaseHolder, instances)} ${this.#clockNotice()}${problemNotices(instances)}
          <div class="left">
            ${this.#log.render(this.#noChanges())}${this.#experiments.render()}${this.#tryIt.render({ info, contact })}
          </div>
          <div class="right">${graphs()}${instanceList(instances, Math.max(0, ...all.map(({ at }) => at)))}</div>
        </main>
        ${this.#toasts.render()} ${helpDialog(this.#commands)}
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
        >${offset > 0 ? t.inspect.clockBehind(formatDuration(offset * 1000)) : t.inspect.clockAhead(formatDuration(-offset * 1000))}</span
      >
    </p>`;
  }

  #noChanges() {
    return html`<div class="nothing">
      ${icon("pulse")}
      <p><b>${t.inspect.waitingForChange}</b></p>
      <p>${t.inspect.howToChange(html`<a href=${this.#paths.contacts}>${t.inspect.theList}</a>`)}</p>
      ${this.#demonstration.button(false)}
    </div>`;
  }
}

/** One line for each thing that is wrong with MongoDB's collections and indexes. @param {InstanceStats[]} instances */
const problemNotices = (instances) =>
  [...new Set(instances.flatMap(({ problems }) => (problems ?? []).map(({ message }) => message)))].map(
    (message) => html`<p class="skew" data-problem>${icon("warn")}<span>${serverText(message)}</span></p>`,
  );

const graphs = () =>
  html`<section class="card graphs">
    <h2>${t.inspect.lagChart}</h2>
    <div id="lag-chart" role="img" aria-label=${t.inspect.lagChartLabel}></div>
    <h2>${t.inspect.rateChart}</h2>
    <div id="rate-chart" role="img" aria-label=${t.inspect.rateChartLabel}></div>
  </section>`;
