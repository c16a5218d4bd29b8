// The pipeline window: each change as it passes from MongoDB to this browser, and how the pipeline is.

import { html, render, nothing } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { Live } from "./live.js";
import { Api, randomId } from "./http.js";
import { Curves } from "./curves.js";
import { connectionState, copy, header } from "./chrome.js";
import { curlRecipes, mongoshRecipes } from "./recipes.js";
import { difference, skewed, steps, textOf, timeline, total } from "./trace.js";
import { applyTheme } from "./theme.js";
import { Toasts } from "./toasts.js";
import { bytes, count, duration, full, plural } from "./times.js";
import { parseView } from "./view.js";
import { label } from "./merge.js";
import { icon } from "./icons.js";

const KEPT = 250;
const root = document.getElementById("app");
const tones = { committed: "mongo", seen: "watch", cache: "cache", jobs: "jobs", events: "rooms", browser: "here", checkpoint: "mark" };
const taskPath = (task) => `/queues/default/tasks/${encodeURIComponent(task)}`;
const states = { completed: ["ok", "done"], archived: ["bad", "given up"], retry: ["warn", "to be tried again"], active: ["wait", "running"], pending: ["wait", "waiting"], scheduled: ["wait", "scheduled"], gone: ["", "no longer kept"] };
const hello = { created: "Created", updated: "Updated", deleted: "Deleted", resync: "Resync" };

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
    this.curves = new Curves();
    this.toasts = new Toasts(this.changed);
    addEventListener("keydown", (e) => this.key(e));
    setInterval(this.changed, 5000);
  }

  changed = () => {
    if (this.scheduled) return;
    this.scheduled = true;
    const run = () => {
      this.scheduled = false;
      this.draw();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    else setTimeout(run, 500);
  };

  begin() {
    const at = (path) => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    this.pipeline = new Live({ url: at("/ws/pipeline"), now: () => this.api.now(), onEvent: (f) => this.frame(f), onReread: () => {}, onState: this.changed });
    this.contacts = new Live({ url: at("/ws/contacts"), room: `workspace:${this.workspace}`, now: () => this.api.now(), onEvent: (f) => this.arrived(f), onReread: () => {}, onState: this.changed });
    this.pipeline.start();
    this.contacts.start();
    this.api.get("/inspect/info").then((r) => (this.info = r.body), () => (this.info = null)).finally(this.changed);
    this.pick();
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
    // The cache's figures come with the names of a Go struct; everything else in a frame begins small.
    f.cache = Object.fromEntries(Object.entries(f.cache ?? {}).map(([name, n]) => [name[0].toLowerCase() + name.slice(1), n]));
    this.instances.set(f.instance, { stats: f, at: Date.now() });
    if (f.holder) this.curves.add(Date.parse(f.at), f.lagMs ?? null, f.rate ?? null);
    this.changed();
  }

  trace(trace) {
    const entry = { key: `${trace.position} ${trace.id ?? ""}`, trace, received: this.arrivals.get(trace.position), job: this.jobs.get(trace.task), left: trace.sampledOut ?? 0 };
    if (trace.op === "deleted" && this.contact?.id === trace.id) this.contact = null;
    if (trace.op === "created" || (trace.op === "updated" && !this.contact)) if (trace.workspace === this.workspace) this.contact = { id: trace.id, fullName: trace.name };
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
    if (!f.event.startsWith("contact:")) return void (f.event === "presence" && ((this.members = f.members), this.changed()));
    const now = performance.timeOrigin + performance.now();
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
    const found = await fetch(`/jobs/api${taskPath(task)}`).then((r) => (r.ok ? r.json() : { state: r.status === 404 ? "gone" : "" }), () => ({ state: "" }));
    entry.state = found.state;
    this.changed();
    if (found.state !== "completed" && found.state !== "archived" && found.state !== "gone") setTimeout(() => this.lookUp(entry, times + 1), 1500);
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
      const { body } = await this.api.create({ kind: "person", firstName: "Ada", lastName: "Lovelace", notes: "Here for a moment.", tags: ["demonstration"] }, randomId());
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
    if (e.key === "p") this.pause();
    else if (e.key === "c") location.assign(`/${this.workspace === "default" ? "" : `?workspace=${this.workspace}`}`);
  }

  // ---- drawing

  draw() {
    const alive = [...this.instances.values()].filter((i) => Date.now() - i.at < 5000).map((i) => i.stats).sort((a, b) => (a.instance < b.instance ? -1 : 1));
    const holder = alive.find((s) => s.holder);
    render(
      html`${header({ current: "inspect", workspace: this.workspace, members: this.members, state: connectionState(this.pipeline.state === "live" ? this.contacts : this.pipeline), rerender: this.changed })}
        <main class="inspect" id="main"><h1 class="offscreen">Pipeline</h1>
          ${this.diagram(holder, alive)} ${this.figures(holder, alive)}
          <div class="left">${this.changes()}${this.tryIt()}</div>
          <div class="right">${this.graphs()}${this.instanceList(alive)}</div>
        </main>${this.toasts.view()}
        <div class="offscreen" role="status" aria-live="polite">${this.latest ? `${hello[this.latest.trace.op] ?? this.latest.trace.op}: ${this.latest.trace.name ?? ""}` : ""}</div>`,
      root,
    );
    this.curves.mount(document.getElementById("lag-curve"), document.getElementById("rate-curve"));
  }

  diagram(holder, alive) {
    const line = this.latest ? new Map(timeline(this.latest.trace, this.latest.received).map((s) => [s.name, s.to])) : new Map();
    const sum = (f) => alive.reduce((n, s) => n + (f(s) ?? 0), 0);
    const queue = sum((s) => s.queues?.find((q) => q.queue === "default")?.pending);
    const say = {
      committed: html`a commit`,
      seen: holder ? html`${holder.state}` : html`no holder`,
      cache: html`${count(sum((s) => s.cache.forgotten))} forgotten`,
      jobs: html`${count(queue)} waiting`,
      events: html`${count(sum((s) => s.sockets))} sockets`,
      browser: html`${this.contacts.state}`,
      checkpoint: html`safe to restart`,
    };
    const stage = (name) => {
      const [, title, sub] = steps.find(([n]) => n === name);
      const at = line.get(name);
      return html`<div class="stage ${tones[name]} ${this.turn ? `beat turn-${this.turn % 2}` : ""}" data-stage=${name}><span class="at">${at === undefined ? "–" : name === "committed" ? "0" : `+${duration(at)}`}</span><b>${title}</b><span>${sub}</span><small>${say[name]}</small></div>`;
    };
    const wire = html`<i class="wire ${this.turn ? `turn-${this.turn % 2}` : ""}" aria-hidden="true"></i>`;
    return html`<section class="diagram" aria-label="The way of the last change">
      ${stage("committed")}${wire}${stage("seen")}${wire}${stage("cache")}${wire}
      <div class="fork">${stage("jobs")}<div class="lane">${stage("events")}${wire}${stage("browser")}</div></div>${wire}${stage("checkpoint")}
    </section>`;
  }

  changes() {
    const shown = this.source ? this.traces.filter((e) => e.trace.source === this.source) : this.traces;
    const pick = (value, text) => html`<label class=${this.source === value ? "on" : ""}><input type="radio" name="source" .checked=${this.source === value} @change=${() => ((this.source = value), this.changed())} />${text}</label>`;
    return html`<section class="card changes" aria-labelledby="changes-title">
      <div class="changes-head"><h2 id="changes-title">Changes</h2><fieldset class="segments"><legend class="offscreen">Source</legend>${pick("", "All")}${pick("api", "API")}${pick("direct", "Direct")}</fieldset><div class="spring"></div>
        ${this.traces.length ? html`<button type="button" class="quiet wide" @click=${() => ((this.traces = []), this.opened.clear(), this.changed())}>Clear</button>` : ""}
        <button type="button" aria-pressed=${Boolean(this.paused)} @click=${() => this.pause()} title="P">${icon(this.paused ? "play" : "pause")}${this.paused ? (this.waiting ? `Go on (${count(this.waiting)} new)` : "Go on") : "Pause"}</button></div>
      ${shown.length ? html`<ol class="trace-list" tabindex="0" aria-label="Changes, newest first">${repeat(shown, (e) => e.key, (e) => this.row(e))}</ol>` : this.nothingYet()}
    </section>`;
  }

  nothingYet() {
    return html`<div class="nothing">${icon("pulse")}<p><b>Waiting for the next change.</b></p><p>Edit a contact on the <a href="/">list</a>, paste a line of “Try it” into mongosh, or</p>
      <button type="button" class="primary" ?disabled=${this.showing} @click=${() => this.demonstrate()}>${this.showing ? "Watch…" : "Create, edit and delete a sample"}</button></div>`;
  }

  row(e) {
    const { trace } = e;
    const line = timeline(trace, e.received);
    const all = total(line);
    const open = this.opened.has(e.key);
    const toggle = () => {
      if (!this.opened.delete(e.key)) {
        this.opened.add(e.key);
        this.lookUp(e);
      }
      this.changed();
    };
    const fields = Object.entries(trace.changed ?? {});
    const [name, pair] = fields[0] ?? [];
    return html`<li class="trace ${trace.op} ${open ? "open" : ""}">
      <button type="button" class="trace-row" aria-expanded=${open} @click=${toggle}>
        <time datetime=${trace.committed} title=${full(trace.committed)}>${new Date(trace.committed).toLocaleTimeString("en-GB")}</time>
        <span class="op ${trace.op}">${hello[trace.op] ?? trace.op}</span>
        <span class="who"><b>${trace.name || trace.id || "everything"}</b>${trace.workspace && trace.workspace !== this.workspace ? html` <small>${trace.workspace}</small>` : ""}
          ${name ? html`<small class="what">${label(name)}${fields.length > 1 ? ` and ${plural(fields.length - 1, "more field")}` : html`: <del>${textOf(pair[0], 40)}</del> <ins>${textOf(pair[1], 40)}</ins>`}</small>` : ""}</span>
        ${trace.source ? html`<span class="source ${trace.source}">${icon(trace.source === "direct" ? "leaf" : "bolt")}${trace.source === "direct" ? "MongoDB" : "API"}</span>` : html`<span></span>`}
        <span class="mini" aria-hidden="true">${line.filter((s) => s.to > s.from).map((s) => html`<i class=${tones[s.name]} .style=${`left:${(s.from / all) * 100}%;width:${Math.max(1.2, ((s.to - s.from) / all) * 100)}%`}></i>`)}</span>
        <span class="sum">${duration(all)}</span>
      </button>
      ${open ? this.detail(e, line, all) : ""}
      ${e.left ? html`<p class="left-out">${plural(e.left, "change")} between this and the one before ${e.left === 1 ? "is" : "are"} not shown: too many at once.</p>` : ""}</li>`;
  }

  detail(e, line, all) {
    const { trace } = e;
    const titles = new Map(steps.map(([n, a, b]) => [n, `${a} ${b}`]));
    const fields = Object.entries(trace.changed ?? {});
    const diff = ([name, [before, after]]) => {
      const d = difference(textOf(before), textOf(after));
      return html`<dt>${label(name)}</dt><dd class="diff">${before === null || textOf(before) === "" ? html`<ins>${textOf(after)}</ins>` : textOf(after) === "" ? html`<del>${textOf(before)}</del>` : html`<div>${d.head}<del>${d.before}</del>${d.tail}</div><div>${d.head}<ins>${d.after}</ins>${d.tail}</div>`}</dd>`;
    };
    const task = trace.task && `/jobs${taskPath(trace.task)}`;
    const [tone, state] = states[e.state] ?? ["wait", "waiting"];
    const job = e.job && (e.job.event === "job:completed" ? html`<span class="badge ok">done${e.job.attempt > 1 ? `, attempt ${e.job.attempt}` : ""}</span>` : html`<span class="badge bad">failed, attempt ${e.job.attempt}${e.job.archived ? ", archived" : ""}</span> ${e.job.error ?? ""}`);
    return html`<div class="detail">
      <ol class="waterfall" aria-label="Time of each step since the commit">${line.map((s) => html`<li><span class="step">${titles.get(s.name)}</span><span class="lane"><i class=${tones[s.name]} .style=${`left:${all ? (s.from / all) * 100 : 0}%;width:${all ? Math.max(0.7, ((s.to - s.from) / all) * 100) : 1}%`}></i></span><span class="t">${s.name === "committed" ? new Date(trace.committed).toISOString().slice(11, 23) : `+${duration(s.to)}`}</span></li>`)}</ol>
      ${skewed(trace) ? html`<p class="note">The watcher's clock is ${duration(-trace.seenUs)} behind MongoDB's; “seen” is shown as 0.</p>` : ""}
      ${line.some((s) => s.name === "browser") ? "" : html`<p class="note">This browser is in the workspace “${this.workspace}” and was not sent this one.</p>`}
      ${fields.length ? html`<dl class="diffs">${fields.map(diff)}</dl>` : trace.op === "updated" ? html`<p class="note">No field of the contact changed but its bookkeeping.</p>` : ""}
      <p class="links">${trace.batch > 1 ? html`<span>In a batch of ${count(trace.batch)}</span>` : ""}<span>Position <code>${trace.position}</code></span>
        ${trace.id ? html`<a href="/?${new URLSearchParams({ ...(trace.workspace === "default" ? {} : { workspace: trace.workspace }), contact: trace.id })}">${icon("person")}Open the contact</a>` : ""}
        ${task ? html`<a href=${task} target="_blank" rel="noopener">${icon("external")}Its job in asynqmon</a> ${job ?? html`<span class="badge ${tone}">${state}</span>`}` : ""}</p></div>`;
  }

  figures(holder, alive) {
    const sum = (f) => alive.reduce((n, s) => n + (f(s) ?? 0), 0);
    const hits = sum((s) => s.cache.hits);
    const reads = hits + sum((s) => s.cache.misses) + sum((s) => s.cache.bypassed);
    const queues = alive.find((s) => s.queues?.length)?.queues ?? [];
    const q = (name) => queues.reduce((n, x) => n + (x[name] ?? 0), 0);
    const windowLeft = holder?.oplogWindowLeft;
    const gaps = holder?.gaps ?? Math.max(0, ...alive.map((s) => s.gaps ?? 0));
    const figure = (value, text, tone = "", title = nothing) => html`<div class="figure ${tone}" title=${title}><b>${value}</b><span>${text}</span></div>`;
    const lag = holder?.lagMs;
    return html`<section class="figures" aria-label="Figures">
      ${figure(lag === null || lag === undefined ? "–" : duration(lag * 1000), "lag, end to end", lag > 5000 ? "bad" : "", "From the heartbeat's commit in MongoDB until its effects were done")}
      ${figure(holder?.rate === undefined ? "–" : count(Math.round(holder.rate)), "changes a second")}
      ${figure(reads ? `${((hits / reads) * 100).toFixed(reads > 999 ? 1 : 0)} %` : "–", `cache hits of ${count(reads)}`)}
      ${figure(`${count(q("pending"))} · ${count(q("active"))}`, "jobs waiting · running")}
      ${figure(`${count(q("retry"))} · ${count(q("archived"))}`, "to retry · given up", q("archived") ? "warn" : "")}
      ${figure(count(sum((s) => s.sockets)), "sockets")}
      ${figure(windowLeft === null || windowLeft === undefined ? "–" : `${Math.round(windowLeft * 100)} %`, "of the oplog left", windowLeft < 0.25 ? "warn" : "", "How far the checkpoint is from the end of MongoDB's memory")}
      ${figure(`${count(gaps)} · ${count(Math.max(0, ...alive.map((s) => s.dead ?? 0)))}`, "gaps · dead changes", gaps ? "warn" : "", "Stretches of history that were lost and reconciled; changes that can never be applied")}
    </section>`;
  }

  graphs() {
    return html`<section class="card graphs"><h2>Lag</h2><div id="lag-curve" role="img" aria-label="End-to-end lag over the last five minutes"></div><h2>Changes a second</h2><div id="rate-curve" role="img" aria-label="Changes a second over the last five minutes"></div></section>`;
  }

  tryIt() {
    const recipes = this.tool === "mongosh" ? mongoshRecipes(this.info, this.contact, this.workspace) : curlRecipes(location.origin, this.contact, this.workspace);
    const tab = (name) => html`<label class=${this.tool === name ? "on" : ""}><input type="radio" name="tool" .checked=${this.tool === name} @change=${() => ((this.tool = name), this.changed())} />${name}</label>`;
    const one = (r) => html`<li><h3>${r.title}${r.hint ? html` <small>${r.hint}</small>` : ""}</h3><div class="code"><code>${r.line}</code><button type="button" class="quiet square small" aria-label="Copy: ${r.title}" title="Copy" @click=${() => (copy(r.line), this.toasts.show("Copied.", { lasts: 1500 }))}>${icon("copy")}</button></div></li>`;
    return html`<section class="card try" aria-labelledby="try-title"><div class="changes-head"><h2 id="try-title">Try it</h2><div class="spring"></div><fieldset class="segments"><legend class="offscreen">Tool</legend>${tab("mongosh")}${tab("curl")}</fieldset></div>
      <p class="note">${this.tool === "mongosh" ? "Write to MongoDB behind the application's back. Nobody is told but the change stream." : "Write through the API. It writes to MongoDB, and to nothing else."}</p>
      <ul>${recipes.map(one)}</ul><button type="button" ?disabled=${this.showing} @click=${() => this.demonstrate()}>${icon("play")}${this.showing ? "Watch…" : "Create, edit and delete a sample"}</button></section>`;
  }

  instanceList(alive) {
    if (!alive.length) return html`<section class="card"><h2>Instances</h2><p class="none">Waiting for the first figures…</p></section>`;
    return html`<section class="card instances" aria-labelledby="instances-title"><h2 id="instances-title">Instances</h2>${alive.map((s) => html`<dl>
      <dt>${s.instance}</dt><dd>${s.holder ? html`<span class="badge ok">holds the lease</span>` : html`<span class="badge">standby</span>`} ${(s.roles ?? []).join(", ")}</dd>
      <dt>Watcher</dt><dd>${s.state ?? "–"}</dd>
      <dt>Watermark</dt><dd>${s.watermark ? html`<code>${s.watermark}</code>` : "–"}${s.watermarkAgeMs === null || s.watermarkAgeMs === undefined ? "" : `, ${duration(s.watermarkAgeMs * 1000)} old`}</dd>
      <dt>History</dt><dd>${s.history ? `${plural(s.history.entries, "entry", "entries")}, ${bytes(s.history.bytes)}` : "–"}</dd>
      <dt>Rooms</dt><dd>${count(s.rooms ?? 0)} with ${plural(s.sockets ?? 0, "socket")}</dd>
      ${s.duplicates === undefined ? "" : html`<dt>Refused twice</dt><dd title="Appended again after a restart and refused: harmless">${count(s.duplicates)}</dd>`}
      ${s.reconciles === undefined ? "" : html`<dt>Reconciles</dt><dd>${count(s.reconciles)}</dd>`}</dl>`)}</section>`;
  }
}

applyTheme();
const inspector = new Inspector();
inspector.begin();
inspector.draw();
