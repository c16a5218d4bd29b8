// The live page. It reads once, joins with that read's position, and from then on the change stream
// keeps it right; whatever an event cannot tell (a text search, a lost history) is read again.

import { html, render, nothing } from "../vendor/lit/lit-html.js";
import { Api, Unreachable } from "./http.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { Table } from "./table.js";
import { Toolbar } from "./toolbar.js";
import { Draft } from "./draft.js";
import { Panel } from "./panel.js";
import { Deletions } from "./deletions.js";
import { Importer } from "./importer.js";
import { Statistics } from "./statistics.js";
import { Toasts } from "./toasts.js";
import { applyTheme } from "./theme.js";
import { connectionState, header, menuKeys, menuLeft } from "./chrome.js";
import { comparePositions, later } from "./position.js";
import { filtered, formatView, parseView } from "./view.js";
import { icon } from "./icons.js";
import { words } from "./mark.js";
import { ago, count, plural } from "./times.js";

const FLASH = 1400;
const FADE = 420;
const FLOOD = 300; // events at once from which rows are no longer lit one by one
const BUDGET = 24; // milliseconds of a frame for applying events
const root = document.getElementById("app");

class Page {
  constructor() {
    this.view = parseView(location.search);
    this.members = 0;
    this.flashes = new Map();
    this.ghosts = [];
    this.total = null; // {count, position}: contacts of the workspace
    this.incoming = []; // events not applied yet
    this.last = null; // the last thing that happened
    this.toasts = new Toasts(this.changed);
    this.table = new Table({
      rows: () => this.rows(),
      total: () => this.known(),
      complete: () => Boolean(this.list?.window?.complete),
      loaded: () => Boolean(this.list?.window),
      words: () => words(this.list?.window?.view.q || this.list?.window?.view.prefix || ""),
      selected: () => this.view.contact,
      flashes: this.flashes,
      get view() { return page.view; },
      get ghosts() { return page.ghosts; },
      want: (i) => this.list.want(i),
      open: (id) => this.open(id),
      sort: (field) => this.set({ sort: this.view.sort === field ? `-${field}` : field, q: "" }),
      remove: (contact) => this.remove(contact),
      changed: this.changed,
    });
    this.toolbar = new Toolbar({
      get view() { return page.view; },
      set: (changes) => this.set(changes),
      typed: (text) => this.typed(text),
      entered: (text) => this.entered(text),
      clear: () => this.set({ q: "", prefix: "", company: "", tag: "", kind: "", owner: "" }),
      create: () => this.create(),
      import: () => this.import(),
      export: (format) => this.export(format),
      companies: (text) => this.groups("companies", "company", text),
      tags: (text) => this.groups("tags", "tag", text),
      changed: this.changed,
    });
    this.deletions = new Deletions({
      api: () => this.api,
      toasts: this.toasts,
      seen: () => this.minPosition(),
      changed: this.changed,
      onDeleted: (id) => this.vanish(id),
    });
    this.statistics = new Statistics({ api: () => this.api, minPosition: () => this.minPosition(), changed: this.changed, filter: (name, value) => this.set({ page: "contacts", q: "", prefix: "", company: "", tag: "", kind: "", owner: "", [name]: value }) });
    addEventListener("popstate", () => this.navigate(parseView(location.search)));
    addEventListener("keydown", (e) => this.shortcut(e));
    for (const type of ["dragover", "drop"]) addEventListener(type, (e) => this.dragged(e));
    addEventListener("dragleave", (e) => e.relatedTarget === null && this.drag(false));
    setInterval(this.changed, 30000); // "2 min. ago" grows older
  }

  changed = () => {
    if (this.scheduled) return;
    this.scheduled = true;
    // A page in the background is given no frames; it must not pile work up for the moment it is seen.
    const run = () => {
      this.scheduled = false;
      this.draw();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    else setTimeout(run, 250);
  };

  begin() {
    this.enter(this.view.workspace);
    fetch("/inspect/info").then((r) => (r.ok ? r.json() : null)).then((info) => (this.info = info), () => {});
  }

  /** Goes to a workspace: a connection, a list and counts of its own. */
  enter(workspace) {
    this.live?.stop();
    this.list?.close();
    this.incoming = [];
    this.api = new Api(workspace);
    this.members = 0;
    this.total = null;
    this.written = undefined;
    this.list = new List({ api: () => this.api, changed: this.changed, minPosition: () => this.minPosition() });
    const live = (this.live = new Live({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/contacts`,
      room: `workspace:${workspace}`,
      now: () => this.api.now(),
      onEvent: (frame) => live === this.live && this.happened(frame),
      onReread: (reason) => live === this.live && this.reread(reason),
      onState: () => {
        if (live !== this.live) return;
        if (live.state === "live") this.list.retryNow?.();
        this.changed();
      },
    }));
    this.list.open(this.view).then((position) => {
      if (live !== this.live || !position) return;
      live.start(position);
      this.count();
    });
    if (this.view.contact) this.open(this.view.contact, true);
    if (this.view.page === "statistics") this.statistics.touch();
    this.remember(workspace);
  }

  /** What this page has seen or written: no read may be older. */
  minPosition() {
    return later(this.live?.since, this.written) || undefined;
  }

  // ---- what happens

  happened(frame) {
    if (frame.event === "presence") {
      this.members = frame.members;
      return this.changed();
    }
    if (!frame.event.startsWith("contact:")) return;
    this.incoming.push(frame);
    this.changed();
  }

  /**
   * Applies what has come since the last drawing. A flood (an import, an updateMany) is taken in parts,
   * so that the page answers in between, and without a light for each row.
   */
  take() {
    if (!this.incoming.length) return;
    const until = performance.now() + BUDGET;
    const flood = this.incoming.length > FLOOD;
    let n = 0;
    this.table.steady(() => {
      while (n < this.incoming.length && (n % 16 || performance.now() < until)) this.apply(this.incoming[n++], flood);
    });
    this.incoming.splice(0, n);
    if (this.list.window?.stale) this.research();
    this.recount();
    if (this.view.page === "statistics") this.statistics.touch();
    if (this.incoming.length) this.changed();
  }

  apply(frame, flood) {
    const id = frame.contact?.id;
    const shown = this.list.window?.byId.get(id)?.contact;
    const index = frame.event === "contact:deleted" && shown && !flood ? this.rows().findIndex((r) => r.id === id) : -1;
    const outcome = this.list.apply(frame);
    this.deletions.handle(frame);
    this.draft?.handle(frame);
    if (outcome === "old") return;
    if (!flood && this.total && comparePositions(frame.position, this.total.position) > 0) {
      if (frame.event === "contact:created") this.total.count++;
      else if (frame.event === "contact:deleted") this.total.count--;
    }
    if (outcome === "deleted" && index >= 0) this.fade({ id, index, contact: shown });
    if (!flood && (outcome === "created" || outcome === "updated" || outcome === "moved")) this.flash(id, frame);
    this.tell(frame);
  }

  flash(id, frame) {
    const before = this.flashes.get(id);
    const source = frame.source === "direct" ? "direct" : "api";
    const flash = { source, what: frame.event === "contact:created" ? "created" : "updated", changed: frame.changed ?? [], turn: (before?.turn ?? 0) + 1 };
    if (this.flashes.size > 3000) this.flashes.clear();
    this.flashes.set(id, flash);
    setTimeout(() => {
      if (this.flashes.get(id) !== flash) return;
      this.flashes.delete(id);
      this.changed();
    }, FLASH);
  }

  fade(ghost) {
    if (this.ghosts.length > 40) return; // a purge, not a farewell
    this.ghosts.push(ghost);
    setTimeout(() => {
      this.ghosts = this.ghosts.filter((g) => g !== ghost);
      this.changed();
    }, FADE);
  }

  /** Keeps the last event for the eye, and tells screen readers, in one sentence for many. */
  tell(frame) {
    if (!frame.contact) return;
    const verb = { "contact:created": "added", "contact:updated": "changed", "contact:deleted": "deleted" }[frame.event];
    this.last = { name: frame.contact.fullName || "a contact", verb, source: frame.source, at: frame.at, changed: frame.changed };
    this.untold = (this.untold ?? 0) + 1;
    this.telling ??= setTimeout(() => {
      const { last } = this;
      this.announcement = this.untold > 1 ? `${count(this.untold)} contacts changed.` : `${last.name} ${last.verb}${last.source === "direct" ? " in MongoDB" : ""}.`;
      this.untold = 0;
      this.telling = undefined;
      this.changed();
    }, 1500);
  }

  // ---- reading

  rows() {
    const rows = this.list?.rows ?? [];
    return this.deletions.size ? rows.filter((r) => !this.deletions.has(r.id)) : rows;
  }

  /** How many contacts the view has, if that is known without having read them all. */
  known() {
    if (this.list?.window?.complete) return this.rows().length;
    if (!filtered(this.view)) return this.total?.count;
    return this.matching?.key === this.filterKey(this.view) ? this.matching.count : undefined;
  }

  // Counts the view again when it has been quiet for a second, and every ten while it is not. Counting
  // events alone would go wrong: a read shows at least its position, and perhaps already what comes next.
  recount() {
    if (this.list.window?.complete) return;
    this.countBy ??= Date.now() + 10000;
    clearTimeout(this.counting);
    this.counting = setTimeout(() => this.count(), Math.min(1000, Math.max(0, this.countBy - Date.now())));
  }

  async count() {
    const { api, view } = this;
    this.countBy = undefined;
    const only = !view.q && !view.prefix && !view.kind && !view.owner && Boolean(view.company) !== Boolean(view.tag);
    if (filtered(view) && !only) return; // nobody counts that: the page says "200+"
    const what = view.company ? "companies" : view.tag ? "tags" : "months";
    try {
      const answer = await api.get(`/contacts/stats/${what}`, { minPosition: this.minPosition() });
      if (api !== this.api) return;
      const { items } = answer.body;
      if (what === "months") this.total = { count: items.reduce((n, i) => n + i.count, 0), position: answer.position };
      else this.matching = { key: this.filterKey(view), count: items.find((i) => (view.company ? i.company === view.company : i.tag === view.tag))?.count };
      this.changed();
    } catch {
      // It is counted again after the next event, or not at all: the list does not depend on it.
    }
  }

  filterKey(view) {
    return formatView({ ...view, contact: "", sort: "name", page: "contacts" });
  }

  async reread(reason) {
    this.rereading = reason;
    this.changed();
    const keep = Math.min(this.list.rows.length, 5000);
    this.draft?.refresh();
    await this.list.open(this.view, Math.max(1, keep));
    this.rereading = "";
    this.count();
    if (this.view.page === "statistics") this.statistics.touch();
    this.changed();
  }

  /** A text search is asked again, soon, when an event may have changed what it finds. */
  research() {
    if (this.researching) return;
    this.researching = setTimeout(async () => {
      await this.list.open(this.view, Math.min(this.list.rows.length, 1000));
      this.researching = 0;
    }, 400);
  }

  async groups(what, name, text) {
    if (!this.groupCache || this.groupCache.what !== what || Date.now() - this.groupCache.at > 3000) this.groupCache = { what, at: Date.now(), items: await this.api.stats(what, this.minPosition()) };
    const low = text.trim().toLowerCase();
    return this.groupCache.items.filter((i) => i[name] && (!low || i[name].toLowerCase().includes(low))).slice(0, 60).map((i) => ({ value: i[name], label: i[name], count: i.count }));
  }

  // ---- where we are

  set(changes, { replace = false } = {}) {
    const next = { ...this.view, ...changes };
    const url = `${location.pathname}${formatView(next)}`;
    if (url !== `${location.pathname}${location.search}`) history[replace ? "replaceState" : "pushState"](null, "", url);
    this.navigate(next);
  }

  navigate(next) {
    const was = this.view;
    this.view = next;
    if (next.workspace !== was.workspace) {
      this.leavePanel();
      this.table.reset();
      this.enter(next.workspace);
    } else {
      const asks = (v) => formatView({ ...v, contact: "", page: "contacts" });
      if (asks(next) !== asks(was)) {
        this.list.open(next).then((position) => position && this.count());
        this.table.reset();
      }
      if (next.contact !== was.contact) {
        if (!next.contact) this.leavePanel();
        else if (next.contact !== "new") this.open(next.contact, true);
        else if (!this.draft?.creating) this.create();
      }
      if (next.page === "statistics" && was.page !== "statistics") this.statistics.touch();
    }
    document.title = next.page === "statistics" ? "Statistics · Grapevine" : "Contacts · Grapevine";
    this.changed();
  }

  typed(text) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.set({ prefix: text.trim(), q: "" }, { replace: true }), 160);
    this.changed();
  }

  entered(text) {
    clearTimeout(this.typing);
    this.toolbar.text = null;
    this.set(text.trim() ? { q: text.trim(), prefix: "" } : { q: "", prefix: "" });
  }

  // ---- one contact

  async open(id, fromURL = false) {
    if (this.draft?.id === id && !this.draft.creating) return this.focusPanel();
    this.leavePanel();
    if (id === "new") return this.create();
    if (!fromURL || this.view.contact !== id) this.set({ contact: id });
    const draft = this.newDraft();
    this.table.active = id;
    await draft.load(id);
    if (this.draft === draft && !fromURL) this.focusPanel();
  }

  create(from) {
    this.leavePanel();
    this.newDraft().create(from);
    this.set({ page: "contacts", contact: "new" });
    requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector("#f-firstName, #f-name")?.focus()));
  }

  newDraft() {
    const draft = (this.draft = new Draft({
      api: () => this.api,
      minPosition: () => this.minPosition(),
      changed: () => {
        this.changed();
        setTimeout(this.changed, 1700); // what was lit goes out
      },
      onSaved: (contact, position, created) => {
        this.written = later(this.written, position);
        this.table.steady(() => this.list.applyAnswer(contact, position));
        if (created) {
          this.table.active = contact.id;
          this.set({ contact: contact.id }, { replace: true });
          this.toasts.show(`${contact.fullName} created.`);
          requestAnimationFrame(() => this.table.reveal(contact.id));
        } else this.toasts.show("Saved.", { lasts: 2000 });
        this.changed();
      },
    }));
    this.panel = new Panel(
      {
        api: () => this.api,
        close: (quiet) => this.close(quiet),
        save: () => this.save(),
        duplicate: (contact) => this.create(contact),
        remove: (contact) => this.remove(contact),
        changed: this.changed,
        companies: (text) => this.groups("companies", "company", text),
        tags: (text) => this.groups("tags", "tag", text),
        info: () => this.info,
        toast: (text) => this.toasts.show(text, { lasts: 1800 }),
      },
      draft,
    );
    this.changed();
    return draft;
  }

  async save() {
    const { draft } = this;
    if (await draft.save()) return;
    requestAnimationFrame(() => document.querySelector(".panel [aria-invalid=true], .conflict input[type=radio]")?.focus());
  }

  close(quiet) {
    this.leavePanel(quiet);
    this.set({ contact: "" });
    this.table.focus();
  }

  /** Lets go of the open contact; what was typed and not saved can be had back. */
  leavePanel(quiet = false) {
    const { draft, panel } = this;
    if (!draft) return;
    draft.closed = true;
    this.draft = this.panel = null;
    if (!draft.dirty || quiet) return;
    this.toasts.show(draft.creating ? "The new contact was not saved." : "Changes were not saved.", {
      lasts: 8000,
      action: {
        label: "Go back to them",
        run: () => {
          draft.closed = false;
          this.draft = draft;
          this.panel = panel;
          this.set({ contact: draft.creating ? "new" : draft.id });
          draft.refresh();
          this.changed();
        },
      },
    });
  }

  focusPanel() {
    requestAnimationFrame(() => document.getElementById("panel-title")?.focus({ preventScroll: true }));
  }

  remove(contact) {
    if (this.draft?.id === contact.id) {
      this.draft.mine = structuredClone(this.draft.base);
      this.close();
    }
    const index = this.rows().findIndex((r) => r.id === contact.id);
    if (index >= 0) this.fade({ id: contact.id, index, contact });
    this.deletions.begin(contact);
  }

  // Deleted by us and gone: the event says the same a moment later, or already did.
  vanish(id) {
    if (!this.list.window?.byId.has(id)) return;
    this.table.steady(() => this.list.window.drop(id));
    this.changed();
  }

  // ---- whole files

  import(file) {
    this.importer ??= new Importer({
      api: () => this.api,
      changed: this.changed,
      closed: () => {
        this.importer = null;
        this.changed();
      },
      onImported: (n, position) => {
        this.written = later(this.written, position);
        this.count();
      },
    });
    if (file) this.importer.take(file);
    this.changed();
  }

  async export(format) {
    document.querySelector("details.menu")?.removeAttribute("open");
    const p = new URLSearchParams({ format });
    try {
      const response = await fetch(`/contacts/export?${p}`, { headers: { Workspace: this.view.workspace } });
      if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? `The server answered ${response.status}.`);
      const url = URL.createObjectURL(await response.blob());
      const name = `contacts-${this.view.workspace}.${format === "csv" ? "csv" : "vcf"}`;
      Object.assign(document.createElement("a"), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
      this.toasts.show(`${name} downloaded.`);
    } catch (e) {
      this.toasts.show(`Nothing was exported: ${e.message}`, { kind: "error" });
    }
  }

  dragged(e) {
    if (![...(e.dataTransfer?.types ?? [])].includes("Files")) return;
    e.preventDefault();
    this.drag(e.type === "dragover");
    if (e.type === "drop" && e.dataTransfer.files[0]) this.import(e.dataTransfer.files[0]);
  }

  drag(over) {
    if (this.dragging === over) return;
    this.dragging = over;
    this.changed();
  }

  // ---- workspaces

  remember(workspace) {
    try {
      const list = JSON.parse(localStorage.getItem("grapevine.workspaces") ?? "[]").filter((w) => w !== workspace);
      localStorage.setItem("grapevine.workspaces", JSON.stringify([workspace, ...list].slice(0, 8)));
    } catch {
      // Without storage there is no list of recent ones.
    }
  }

  recentWorkspaces() {
    try {
      return [...new Set(["default", ...JSON.parse(localStorage.getItem("grapevine.workspaces") ?? "[]")])];
    } catch {
      return ["default"];
    }
  }

  workspaceButton() {
    const go = (workspace) => {
      document.querySelector("details.workspace").open = false;
      this.set({ workspace, contact: "", company: "", tag: "", kind: "", owner: "", q: "", prefix: "" });
    };
    const enter = (e) => {
      e.preventDefault();
      go(e.target.elements.workspace.value.trim().toLowerCase());
    };
    return html`<details class="menu workspace" @focusout=${menuLeft} @keydown=${menuKeys}>
      <summary title="Workspace"><span class="inner"><span class="offscreen">Workspace </span>${this.view.workspace}${icon("down")}</span></summary>
      <div class="popup">${this.recentWorkspaces().map((w) => html`<button type="button" aria-current=${w === this.view.workspace ? "true" : nothing} @click=${() => go(w)}>${w}${w === this.view.workspace ? icon("check") : ""}</button>`)}
        <form @submit=${enter}><input name="workspace" required pattern="[a-z0-9][a-z0-9\\-]{0,62}" placeholder="Another workspace" aria-label="Another workspace" title="Small letters, digits and hyphens" autocomplete="off" /></form></div></details>`;
  }

  // ---- keys

  shortcut(e) {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape" && this.draft && !document.querySelector("dialog[open]")) return this.close();
    if (e.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const act = {
      "/": () => document.getElementById("search")?.focus(),
      n: () => this.create(),
      s: () => this.set({ page: this.view.page === "statistics" ? "contacts" : "statistics" }),
      i: () => location.assign("/inspect"),
      d: () => this.draft?.mine && !this.draft.creating && this.create(this.draft.mine),
      g: () => this.table.focus(),
      "?": () => document.getElementById("help").showModal(),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  }

  help() {
    const keys = [["/", "Search"], ["↑ ↓ Home End", "Move in the table"], ["Enter", "Open the contact"], ["N", "New contact"], ["D", "Duplicate the open contact"], ["Delete", "Delete the contact in the table"], ["Ctrl Enter", "Save"], ["Esc", "Close the contact"], ["G", "To the table"], ["S", "Statistics"], ["I", "Pipeline"], ["?", "This list"]];
    return html`<dialog class="dialog help" id="help" aria-labelledby="help-title"><div class="dialog-head"><h2 id="help-title">Keyboard</h2><button type="button" class="quiet square" aria-label="Close" @click=${(e) => e.target.closest("dialog").close()}>${icon("close")}</button></div>
      <dl>${keys.map(([k, what]) => html`<dt>${k.split(" ").map((x) => html`<kbd>${x}</kbd>`)}</dt><dd>${what}</dd>`)}</dl></dialog>`;
  }

  // ---- drawing

  draw() {
    this.take();
    const state = connectionState(this.live);
    const { view } = this;
    const go = (e, to) => {
      if (to === "inspect" || e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      this.set({ page: to });
    };
    render(
      html`${header({ current: view.page, workspace: view.workspace, workspaceButton: this.workspaceButton(), members: this.members, state, onNavigate: go, onHelp: () => document.getElementById("help").showModal(), rerender: this.changed })}
        ${view.page === "statistics" ? this.statistics.view() : html`<main class="contacts ${this.draft ? "with-panel" : ""}" id="main"><h1 class="offscreen">Contacts</h1>${this.toolbar.view()}
            <div class="list ${this.list.busy ? "busy" : ""}">${this.strip()}${this.table.view()}${this.empty()}${this.status()}</div></main>${this.panel ? this.panel.view() : ""}`}
        ${this.toasts.view()} ${this.importer ? this.importer.view() : ""} ${this.help()}
        ${this.dragging ? html`<div class="dropzone" aria-hidden="true"><div>${icon("upload")}<b>Drop to import</b><span>CSV or vCard, into “${view.workspace}”</span></div></div>` : ""}
        <div class="offscreen" role="status" aria-live="polite" id="announcer">${this.announcement ?? ""}</div>`,
      root,
    );
    root.classList.toggle("panel-open", Boolean(this.panel) && view.page === "contacts");
    const dialog = document.getElementById("import");
    if (dialog && !dialog.open) dialog.showModal();
    this.table.rendered();
  }

  // A word about trouble, above the table.
  strip() {
    const { error } = this.list;
    if (error) return html`<div class="strip bad" role="alert">${icon("warn")}<span>${error instanceof Unreachable ? "The server cannot be reached. Trying again…" : error.message}</span>${error.status >= 500 || !error.status ? html`<button type="button" class="link" @click=${() => this.list.retryNow?.()}>Try now</button>` : ""}</div>`;
    if (this.rereading) return html`<div class="strip" role="status">${icon("undo")}<span>Reading the list again: ${this.rereading}.</span></div>`;
    if (connectionState(this.live) === "degraded") return html`<div class="strip warn" role="status">${icon("warn")}<span>Changes are arriving late. What you read and save goes to MongoDB and is right.</span></div>`;
    return "";
  }

  empty() {
    if (!this.list.window?.complete || this.rows().length) return "";
    if (filtered(this.view)) return html`<div class="empty"><p><b>Nothing found.</b></p>${this.view.prefix && !this.view.q ? html`<p>No name begins with “${this.view.prefix}”. <button type="button" class="link" @click=${() => this.entered(this.view.prefix)}>Look for whole words in names and notes</button></p>` : html`<p><button type="button" class="link" @click=${() => this.set({ q: "", prefix: "", company: "", tag: "", kind: "", owner: "" })}>Clear search and filters</button></p>`}</div>`;
    return html`<div class="empty">${icon("people")}<p><b>No contacts in “${this.view.workspace}” yet.</b></p><p>Add one, drop a CSV or vCard file here, or insert one in mongosh: it appears by itself.</p><button type="button" class="primary" @click=${() => this.create()}>${icon("plus")}New contact</button></div>`;
  }

  status() {
    const n = this.known();
    const { last } = this;
    const shown = n === undefined ? `${count(this.rows().length)}+ contacts` : plural(n, "contact");
    return html`<div class="status"><span id="count">${this.list.window ? shown : "Loading…"}</span>
      ${last ? html`<span class="last" title=${last.changed?.length ? `Changed: ${last.changed.join(", ")}` : nothing}>${last.source ? html`<span class="source ${last.source}">${icon(last.source === "direct" ? "leaf" : "bolt")}${last.source === "direct" ? "MongoDB" : "API"}</span>` : ""}<b>${last.name}</b> ${last.verb} <time>${ago(last.at)}</time></span>` : html`<span class="last wide">Edit in mongosh and watch this list. <a href="/inspect">See how it travels</a></span>`}</div>`;
  }
}

applyTheme();
const page = new Page();
page.begin();
page.draw();
