// The live page. It reads once, joins with that read's position, and from then on the change stream
// keeps it right; whatever an event cannot tell (a text search, a lost history) is read again.

import { html, render } from "../vendor/lit/lit-html.js";
import { connectionState, header, paths } from "./chrome.js";
import { Counts } from "./counts.js";
import { Deletions } from "./deletions.js";
import { saveExport } from "./exporter.js";
import { help, showHelp } from "./help.js";
import { Api } from "./http.js";
import { icon } from "./icons.js";
import { Importer } from "./importer.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { words } from "./mark.js";
import { News } from "./news.js";
import { Opened } from "./opened.js";
import { later } from "./position.js";
import { redraw } from "./redraw.js";
import { Statistics } from "./statistics.js";
import { emptyList, OFFLINE_SHOWN, statusLine, strip } from "./status.js";
import { Table } from "./table.js";
import { applyTheme } from "./theme.js";
import { Toasts } from "./toasts.js";
import { Toolbar } from "./toolbar.js";
import { formatView, parseView } from "./view.js";
import { rememberWorkspace, workspaceMenu } from "./workspaces.js";

const unfiltered = { q: "", prefix: "", company: "", tag: "", kind: "", owner: "" };
const FLOOD = 300; // events at once from which rows are no longer lit one by one
const BUDGET = 24; // milliseconds of a frame for applying events
const root = document.getElementById("app");

class Page {
  constructor() {
    this.view = parseView(location.search);
    this.members = 0;
    this.incoming = []; // events not applied yet
    this.news = new News(this.changed);
    this.toasts = new Toasts(this.changed);
    this.table = new Table({
      rows: () => this.rows(),
      total: () => this.known(),
      complete: () => Boolean(this.list?.window?.complete),
      loaded: () => Boolean(this.list?.window),
      words: () => words(this.list?.window?.view.q || this.list?.window?.view.prefix || ""),
      whole: () => Boolean(this.list?.window?.view.q),
      selected: () => this.view.contact,
      flashes: this.news.flashes,
      get view() {
        return page.view;
      },
      get ghosts() {
        return page.news.ghosts;
      },
      want: (i) => this.list.want(i),
      open: (id) => this.opened.open(id),
      sort: (field) => this.set({ sort: this.view.sort === field ? `-${field}` : field, q: "" }),
      remove: (contact) => this.remove(contact),
      changed: this.changed,
    });
    this.toolbar = new Toolbar({
      get view() {
        return page.view;
      },
      set: (changes) => this.set(changes),
      typed: (text) => this.typed(text),
      entered: (text) => this.entered(text),
      clear: () => this.set(unfiltered),
      create: () => this.opened.create(),
      import: () => this.import(),
      export: (format) => this.export(format),
      known: () => this.known(),
      companies: (text) => this.groups("companies", "company", text),
      tags: (text) => this.groups("tags", "tag", text),
      changed: this.changed,
    });
    this.opened = new Opened(this);
    this.deletions = new Deletions({
      api: () => this.api,
      toasts: this.toasts,
      seen: () => this.minPosition(),
      changed: this.changed,
      onDeleted: (id) => this.vanish(id),
    });
    this.counts = new Counts({
      api: () => this.api,
      view: () => this.view,
      complete: () => Boolean(this.list?.window?.complete),
      minPosition: () => this.minPosition(),
      changed: this.changed,
    });
    this.statistics = new Statistics({
      api: () => this.api,
      minPosition: () => this.minPosition(),
      changed: this.changed,
      filter: (name, value) => this.set({ page: "contacts", ...unfiltered, [name]: value }),
    });
    addEventListener("popstate", () => this.navigate(parseView(location.search)));
    addEventListener("keydown", (e) => this.shortcut(e));
    for (const type of ["dragover", "drop"]) addEventListener(type, (e) => this.dragged(e));
    addEventListener("dragleave", (e) => e.relatedTarget === null && this.drag(false));
    setInterval(this.changed, 30000); // "2 min. ago" grows older
  }

  changed = redraw(() => this.draw(), 250);

  begin() {
    this.enter(this.view.workspace);
    fetch("/inspect/info")
      .then((r) => (r.ok ? r.json() : null))
      .then(
        (info) => (this.info = info),
        () => {},
      );
  }

  /** Goes to a workspace: a connection, a list and counts of its own. */
  enter(workspace) {
    this.live?.stop();
    this.list?.close();
    this.incoming = [];
    this.api = new Api(workspace);
    this.members = 0;
    this.counts.reset();
    this.written = undefined;
    this.list = new List({ api: () => this.api, changed: this.changed, minPosition: () => this.minPosition() });
    const live = (this.live = new Live({
      path: "/ws/contacts",
      room: `workspace:${workspace}`,
      now: () => this.api.now(),
      onEvent: (frame) => live === this.live && this.happened(frame),
      onReread: (reason) => live === this.live && this.reread(reason),
      onState: () => {
        if (live !== this.live) return;
        if (live.lostAt) setTimeout(this.changed, OFFLINE_SHOWN + 50);
        if (connectionState(live) === "live") {
          this.list.retryNow?.();
          this.opened.retry();
        }
        this.changed();
      },
    }));
    this.list.open(this.view).then((position) => {
      if (live !== this.live || !position) return;
      live.start(position);
      this.counts.read();
    });
    if (this.view.contact) this.opened.open(this.view.contact, true);
    if (this.view.page === "statistics") this.statistics.touch();
    rememberWorkspace(workspace);
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
    if (!frame.event?.startsWith("contact:")) return;
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
    this.counts.touch();
    if (this.view.page === "statistics") this.statistics.touch();
    if (this.incoming.length) this.changed();
  }

  apply(frame, flood) {
    const id = frame.contact?.id;
    const shown = this.list.window?.byId.get(id)?.contact;
    const index = frame.event === "contact:deleted" && shown && !flood ? this.rows().findIndex((r) => r.id === id) : -1;
    const outcome = this.list.apply(frame);
    this.deletions.handle(frame);
    this.opened.draft?.handle(frame);
    if (outcome === "old") return;
    if (!flood) this.counts.add(frame);
    if (outcome === "deleted" && index >= 0) this.news.fade({ id, index, contact: shown });
    if (!flood && (outcome === "created" || outcome === "updated" || outcome === "moved")) this.news.flash(id, frame);
    this.news.tell(frame);
  }

  // ---- reading

  rows() {
    const rows = this.list?.rows ?? [];
    return this.deletions.size ? rows.filter((r) => !this.deletions.has(r.id)) : rows;
  }

  known() {
    if (this.list?.window?.complete) return this.rows().length;
    const { known } = this.counts;
    return known === undefined ? undefined : Math.max(0, known - this.deletions.size);
  }

  async reread(reason) {
    this.rereading = reason;
    this.changed();
    const keep = Math.min(this.list.rows.length, 5000);
    this.opened.draft?.refresh();
    await this.list.open(this.view, Math.max(1, keep));
    this.rereading = "";
    this.counts.read();
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
    if (!this.groupCache || this.groupCache.what !== what || Date.now() - this.groupCache.at > 3000)
      this.groupCache = { what, at: Date.now(), items: await this.api.stats(what, this.minPosition()) };
    const low = text.trim().toLowerCase();
    return this.groupCache.items
      .filter((i) => i[name] && (!low || i[name].toLowerCase().includes(low)))
      .slice(0, 60)
      .map((i) => ({ value: i[name], label: i[name], count: i.count }));
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
      this.opened.leave();
      this.table.reset();
      this.enter(next.workspace);
    } else {
      const asks = (v) => formatView({ ...v, contact: "", page: "contacts" });
      if (asks(next) !== asks(was)) {
        this.list.open(next).then((position) => position && this.counts.read());
        this.table.reset();
      }
      if (next.contact !== was.contact) {
        if (!next.contact) this.opened.leave();
        else if (next.contact !== "new") this.opened.open(next.contact, true);
        else if (!this.opened.draft?.creating) this.opened.create();
      }
      if (next.page === "statistics" && was.page !== "statistics") this.statistics.touch();
    }
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

  remove(contact) {
    if (this.opened.draft?.id === contact.id) this.opened.close(true);
    const index = this.rows().findIndex((r) => r.id === contact.id);
    if (index >= 0) this.news.fade({ id: contact.id, index, contact });
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
        this.counts.read();
      },
    });
    if (file) this.importer.take(file);
    this.changed();
  }

  export(format) {
    document.querySelector(".toolbar details.menu").open = false;
    saveExport(this.view, format, this.minPosition()).then(
      (name) => this.toasts.show(`${name} downloaded.`),
      (e) => this.toasts.show(`Nothing was exported: ${e.message}`, { kind: "error" }),
    );
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

  // ---- keys

  shortcut(e) {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    const { draft } = this.opened;
    if (e.key === "Escape" && draft && !document.querySelector("dialog[open]")) return this.opened.close();
    if (e.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const act = {
      "/": () => document.getElementById("search")?.focus(),
      n: () => this.opened.create(),
      s: () => this.set({ page: this.view.page === "statistics" ? "contacts" : "statistics" }),
      i: () => location.assign(paths(this.view.workspace).inspect),
      d: () => draft?.mine && !draft.creating && this.opened.create(draft.mine),
      u: () => this.toasts.act(),
      g: () => this.table.focus(),
      "?": showHelp,
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  }

  // ---- drawing

  empty() {
    if (!this.list.window?.complete || this.rows().length) return "";
    return emptyList({
      view: this.view,
      search: (text) => this.entered(text),
      clear: () => this.set(unfiltered),
      create: () => this.opened.create(),
      choose: () => this.import(),
    });
  }

  draw() {
    this.take();
    const state = connectionState(this.live);
    const { view } = this;
    const { panel } = this.opened;
    const go = (e, to) => {
      if (to === "inspect" || e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      this.set({ page: to });
    };
    render(
      html`${header({ current: view.page, workspace: view.workspace, workspaceButton: workspaceMenu(view.workspace, (workspace) => this.set({ workspace, ...unfiltered, contact: "" })), members: this.members, state, onNavigate: go, onHelp: showHelp, rerender: this.changed })}
        ${
          view.page === "statistics"
            ? this.statistics.view()
            : html`<main class="contacts" id="main">
                  <h1 class="offscreen">Contacts</h1>
                  ${this.toolbar.view()}
                  <div class="list ${this.list.busy ? "busy" : ""}">
                    ${strip(this)}${this.table.view()}${this.empty()}${statusLine({ known: this.known(), read: this.rows().length, loaded: Boolean(this.list.window), last: this.news.last })}
                  </div>
                </main>
                ${panel ? panel.view() : ""}`
        }
        ${this.toasts.view()} ${this.importer ? this.importer.view() : ""} ${help()}
        ${
          this.dragging
            ? html`<div class="dropzone" aria-hidden="true">
                <div>${icon("upload")}<b>Drop to import</b><span>CSV or vCard, into “${view.workspace}”</span></div>
              </div>`
            : ""
        }
        <div class="offscreen" role="status" aria-live="polite" id="announcer">${this.news.announcement}</div>`,
      root,
    );
    root.classList.toggle("panel-open", Boolean(panel) && view.page === "contacts");
    document.title = `${view.page === "statistics" ? "Statistics" : panel?.title || "Contacts"} · Grapevine`;
    const dialog = document.getElementById("import");
    if (dialog && !dialog.open) dialog.showModal();
    this.table.rendered();
  }
}

applyTheme();
const page = new Page();
page.begin();
page.draw();
