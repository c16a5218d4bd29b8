// The pipeline window: each change as it passes from MongoDB to this browser, and how the pipeline is.

import { html, render } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { changeRow, opNames, taskPath } from "./change.js";
import { connectionState, copy, header, paths } from "./chrome.js";
import { Clock } from "./clock.js";
import { Curves } from "./curves.js";
import { diagram } from "./diagram.js";
import { figures, instanceList } from "./figures.js";
import { Api, randomId } from "./http.js";
import { icon } from "./icons.js";
import { Live } from "./live.js";
import { curlRecipes, mongoshRecipes } from "./recipes.js";
import { redraw } from "./redraw.js";
import { applyTheme } from "./theme.js";
import { count, duration } from "./times.js";
import { Toasts } from "./toasts.js";
import { parseView } from "./view.js";
import { rememberWorkspace, workspaceMenu } from "./workspaces.js";

const KEPT = 250;
const SKEW = 500; // milliseconds between the clocks from which the person is told
const root = document.getElementById("app");

class Inspector {
  constructor() {
    this.workspace = parseView(location.search).workspace;
    this.api = new Api(this.workspace);
    this.traces = []; // newest first: {key, trace, received, job, left}
    this.byPosition = new Map();
    this.arrivals = new Map(); // position → when this browser had the event
    this.jobs = new Map(); // task → its last job frame
    this.instances = new Map(); // id → {stats, at}
    this.opened = new Set();
    this.source = "";
    this.tool = "mongosh";
    this.turn = 0;
    this.waiting = 0; // changes that came while the list was paused
    this.clock = new Clock(() => this.ask());
    this.curves = new Curves();
    this.toasts = new Toasts(this.changed);
    addEventListener("keydown", (e) => this.key(e));
    setInterval(this.changed, 5000);
  }

  changed = redraw(() => this.draw(), 500);

  begin() {
    this.pipeline = new Live({
      path: "/ws/pipeline",
      now: () => this.api.now(),
      onEvent: (f) => this.frame(f),
      onReread: () => {},
      onState: this.changed,
    });
    this.contacts = new Live({
      path: "/ws/contacts",
      room: `workspace:${this.workspace}`,
      now: () => this.api.now(),
      onEvent: (f) => this.arrived(f),
      onReread: () => {},
      onState: this.changed,
    });
    this.pipeline.start();
    this.contacts.start();
    this.clock.follow().finally(this.changed);
    this.pick();
    rememberWorkspace(this.workspace);
  }

  // What the instance says of itself, its time among it.
  async ask() {
    this.info = (await this.api.get("/inspect/info")).body;
    return Date.parse(this.info.now);
  }

  // A contact for the ready lines: the one that changed last.
  async pick() {
    const answer = await this.api.get("/contacts?limit=1&sort=-updatedAt").catch(() => null);
    this.contact ??= answer?.body.items[0] ?? null;
    this.changed();
  }

  frame(f) {
    if (f.event === "stats") this.stats(f);
    else if (f.event === "trace") this.trace(f);
    else if (f.event?.startsWith("job:")) this.job(f);
  }

  stats(f) {
    this.instances.set(f.instance, { stats: f, at: Date.now() });
    if (f.holder) this.curves.add(Date.parse(f.at), f.lagMs ?? null, f.rate ?? null);
    this.changed();
  }

  trace(trace) {
    const entry = {
      key: `${trace.position} ${trace.id ?? ""}`,
      trace,
      received: this.arrivals.get(trace.position),
      job: this.jobs.get(trace.task),
      left: trace.sampledOut ?? 0,
    };
    if (trace.op === "deleted" && this.contact?.id === trace.id) this.contact = null;
    if (trace.op === "created" || (trace.op === "updated" && !this.contact))
      if (trace.workspace === this.workspace) this.contact = { id: trace.id, fullName: trace.name };
    if (trace.op === "deleted" && !this.contact) this.pick();
    this.byPosition.set(trace.position, entry);
    const list = this.paused ? (this.pausedList ??= []) : this.traces;
    list.unshift(entry);
    if (this.paused) this.waiting = list.length;
    for (const old of list.splice(KEPT)) {
      this.byPosition.delete(old.trace.position);
      this.opened.delete(old.key);
    }
    this.latest = entry;
    this.turn++;
    this.changed();
  }

  arrived(f) {
    if (!f.event?.startsWith("contact:")) return void (f.event === "presence" && ((this.members = f.members), this.changed()));
    const now = this.clock.server();
    this.arrivals.set(f.position, now);
    if (this.arrivals.size > 2000) this.arrivals.delete(this.arrivals.keys().next().value);
    const entry = this.byPosition.get(f.position);
    if (entry) entry.received ??= now;
    this.changed();
  }

  job(f) {
    this.jobs.set(f.task, f);
    if (this.jobs.size > 2000) this.jobs.delete(this.jobs.keys().next().value);
    for (const e of this.traces) if (e.trace.task === f.task) e.job = f;
    this.changed();
  }

  /**
   * Asks the dashboard what became of a change's task. Results that come by the socket are news and,
   * of many, only some: what is looked at must not say "waiting" for ever.
   */
  async lookUp(entry, times = 0) {
    const { task } = entry.trace;
    if (!task || entry.job || !this.opened.has(entry.key) || times > 20) return;
    const found = await fetch(`/jobs/api${taskPath(task)}`).then(
      (r) => (r.ok ? r.json() : { state: r.status === 404 ? "gone" : "" }),
      () => ({ state: "" }),
    );
    entry.state = found.state;
    this.changed();
    if (found.state !== "completed" && found.state !== "archived" && found.state !== "gone")
      setTimeout(() => this.lookUp(entry, times + 1), 1500);
  }

  toggle(entry) {
    if (!this.opened.delete(entry.key)) {
      this.opened.add(entry.key);
      this.lookUp(entry);
    }
    this.changed();
  }

  pause() {
    this.paused = !this.paused;
    if (!this.paused) {
      this.traces = [...(this.pausedList ?? []), ...this.traces].slice(0, KEPT);
      this.pausedList = undefined;
      this.waiting = 0;
    }
    this.changed();
  }

  /** Shows newcomers one contact's whole life, through the API, and leaves nothing behind. */
  async demonstrate() {
    if (this.showing) return;
    this.showing = true;
    this.changed();
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    try {
      const { body } = await this.api.create(
        { kind: "person", firstName: "Ada", lastName: "Lovelace", notes: "Here for a moment.", tags: ["demonstration"] },
        randomId(),
      );
      await wait(1800);
      await this.api.patch(body.id, { notes: "Seen by every screen." });
      await wait(1800);
      await this.api.remove(body.id);
    } catch (e) {
      this.toasts.show(`The demonstration stopped: ${e.message}`, { kind: "error" });
    }
    this.showing = false;
    this.changed();
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select")) return;
    const to = paths(this.workspace);
    if (e.key === "p") this.pause();
    else if (e.key === "c" || e.key === "i") location.assign(to.contacts);
    else if (e.key === "s") location.assign(to.statistics);
  }

  // ---- drawing

  draw() {
    const alive = [...this.instances.values()]
      .filter((i) => Date.now() - i.at < 5000)
      .map((i) => i.stats)
      .sort((a, b) => (a.instance < b.instance ? -1 : 1));
    const holder = alive.find((s) => s.holder);
    render(
      html`${header({ current: "inspect", workspace: this.workspace, workspaceButton: workspaceMenu(this.workspace, (w) => location.assign(paths(w).inspect)), members: this.members, state: connectionState(this.pipeline.state === "live" ? this.contacts : this.pipeline), rerender: this.changed })}
        <main class="inspect" id="main">
          <h1 class="offscreen">Pipeline</h1>
          ${diagram({ latest: this.latest, turn: this.turn, here: this.contacts.state }, holder, alive)} ${figures(holder, alive)}
          ${this.clock.known && Math.abs(this.clock.ahead) > SKEW ? html`<p class="skew">${icon("warn")}<span>This computer's clock is ${duration(Math.abs(this.clock.ahead) * 1000)} ${this.clock.ahead > 0 ? "behind" : "ahead of"} the server's. The times below are the server's: when a change was here is corrected by that.</span></p>` : ""}
          <div class="left">${this.changes()}${this.tryIt()}</div>
          <div class="right">${this.graphs()}${instanceList(alive, Math.max(0, ...[...this.instances.values()].map((i) => i.at)))}</div>
        </main>
        ${this.toasts.view()}
        <div class="offscreen" role="status" aria-live="polite">
          ${this.latest ? `${opNames[this.latest.trace.op] ?? this.latest.trace.op}: ${this.latest.trace.name ?? ""}` : ""}
        </div>`,
      root,
    );
    this.curves.mount(document.getElementById("lag-curve"), document.getElementById("rate-curve"));
  }

  changes() {
    const shown = this.source ? this.traces.filter((e) => e.trace.source === this.source) : this.traces;
    const pick = (value, text) =>
      html`<label class=${this.source === value ? "on" : ""}
        ><input
          type="radio"
          name="source"
          .checked=${this.source === value}
          @change=${() => ((this.source = value), this.changed())}
        />${text}</label
      >`;
    return html`<section class="card changes" aria-labelledby="changes-title">
      <div class="changes-head">
        <h2 id="changes-title">Changes</h2>
        <fieldset class="segments">
          <legend class="offscreen">Source</legend>
          ${pick("", "All")}${pick("api", "API")}${pick("direct", "Direct")}
        </fieldset>
        <div class="spring"></div>
        ${this.traces.length ? html`<button type="button" class="quiet wide" @click=${() => ((this.traces = []), this.opened.clear(), this.changed())}>Clear</button>` : ""}
        <button type="button" aria-pressed=${Boolean(this.paused)} @click=${() => this.pause()} title="P">
          ${icon(this.paused ? "play" : "pause")}${this.paused ? (this.waiting ? `Go on (${count(this.waiting)} new)` : "Go on") : "Pause"}
        </button>
      </div>
      ${
        shown.length
          ? html`<ol class="trace-list" tabindex="0" aria-label="Changes, newest first">
              ${repeat(
                shown,
                (e) => e.key,
                (e) => changeRow(this, e),
              )}
            </ol>`
          : this.nothingYet()
      }
    </section>`;
  }

  nothingYet() {
    return html`<div class="nothing">
      ${icon("pulse")}
      <p><b>Waiting for the next change.</b></p>
      <p>Edit a contact on the <a href=${paths(this.workspace).contacts}>list</a>, paste a line of “Try it” into mongosh, or</p>
      <button type="button" class="primary" ?disabled=${this.showing} @click=${() => this.demonstrate()}>
        ${this.showing ? "Watch…" : "Create, edit and delete a sample"}
      </button>
    </div>`;
  }

  graphs() {
    return html`<section class="card graphs">
      <h2>Lag</h2>
      <div id="lag-curve" role="img" aria-label="End-to-end lag over the last five minutes"></div>
      <h2>Changes a second</h2>
      <div id="rate-curve" role="img" aria-label="Changes a second over the last five minutes"></div>
    </section>`;
  }

  tryIt() {
    const recipes =
      this.tool === "mongosh"
        ? mongoshRecipes(this.info, this.contact, this.workspace)
        : curlRecipes(location.origin, this.contact, this.workspace);
    const tab = (name) =>
      html`<label class=${this.tool === name ? "on" : ""}
        ><input
          type="radio"
          name="tool"
          .checked=${this.tool === name}
          @change=${() => ((this.tool = name), this.changed())}
        />${name}</label
      >`;
    const one = (r) =>
      html`<li>
        <h3>${r.title}${r.hint ? html` <small>${r.hint}</small>` : ""}</h3>
        <div class="code">
          <code>${r.line}</code
          ><button
            type="button"
            class="quiet square small"
            aria-label="Copy: ${r.title}"
            title="Copy"
            @click=${() => (copy(r.line), this.toasts.show("Copied.", { lasts: 1500 }))}
          >
            ${icon("copy")}
          </button>
        </div>
      </li>`;
    return html`<section class="card try" aria-labelledby="try-title">
      <div class="changes-head">
        <h2 id="try-title">Try it</h2>
        <div class="spring"></div>
        <fieldset class="segments">
          <legend class="offscreen">Tool</legend>
          ${tab("mongosh")}${tab("curl")}
        </fieldset>
      </div>
      <p class="note">
        ${this.tool === "mongosh" ? "Write to MongoDB behind the application's back. Nobody is told but the change stream." : "Write through the API. It writes to MongoDB, and to nothing else."}
      </p>
      <ul>
        ${recipes.map(one)}
      </ul>
      <button type="button" ?disabled=${this.showing} @click=${() => this.demonstrate()}>
        ${icon("play")}${this.showing ? "Watch…" : "Create, edit and delete a sample"}
      </button>
    </section>`;
  }
}

applyTheme();
const inspector = new Inspector();
inspector.begin();
inspector.draw();
