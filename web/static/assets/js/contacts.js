// The live page. It reads once, joins with that read's position, and from then on the change stream
// keeps it right; whatever an event cannot tell (a text search, a lost history) is read again.

import { html, render } from "../vendor/lit/lit-html.js";
import { connectionState, header } from "./chrome.js";
import { Counts } from "./counts.js";
import { Deletions } from "./deletions.js";
import { Draft } from "./draft.js";
import { saveExport } from "./exporter.js";
import { help, showHelp } from "./help.js";
import { Api } from "./http.js";
import { icon } from "./icons.js";
import { Importer } from "./importer.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { words } from "./mark.js";
import { News } from "./news.js";
import { Panel } from "./panel.js";
import { later } from "./position.js";
import { Statistics } from "./statistics.js";
import { emptyList, statusLine, strip } from "./status.js";
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
      selected: () => this.view.contact,
      flashes: this.news.flashes,
      get view() {
        return page.view;
      },
      get ghosts() {
        return page.news.ghosts;
      },
      want: (i) => this.list.want(i),
      open: (id) => this.open(id),
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
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/contacts`,
      room: `workspace:${workspace}`,
      now: () => this.api.now(),
      onEvent: (frame) => live === this.live && this.happened(frame),
      onReread: (reason) => live === this.live && this.reread(reason),
      onState: () => {
        if (live !== this.live) return;
        if (connectionState(live) === "live") {
          this.list.retryNow?.();
          if (this.draft?.status === "failed") this.draft.load(this.draft.id);
        }
        this.changed();
      },
    }));
    this.list.open(this.view).then((position) => {
      if (live !== this.live || !position) return;
      live.start(position);
      this.counts.read();
    });
    if (this.view.contact) this.open(this.view.contact, true);
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
    this.draft?.handle(frame);
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
    return this.list?.window?.complete ? this.rows().length : this.counts.known;
  }

  async reread(reason) {
    this.rereading = reason;
    this.changed();
    const keep = Math.min(this.list.rows.length, 5000);
    this.draft?.refresh();
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
      this.leavePanel();
      this.table.reset();
      this.enter(next.workspace);
    } else {
      const asks = (v) => formatView({ ...v, contact: "", page: "contacts" });
      if (asks(next) !== asks(was)) {
        this.list.open(next).then((position) => position && this.counts.read());
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
        open: (id) => this.open(id),
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
    saveExport(this.view.workspace, format).then(
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
    if (e.key === "Escape" && this.draft && !document.querySelector("dialog[open]")) return this.close();
    if (e.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const act = {
      "/": () => document.getElementById("search")?.focus(),
      n: () => this.create(),
      s: () => this.set({ page: this.view.page === "statistics" ? "contacts" : "statistics" }),
      i: () => location.assign("/inspect"),
      d: () => this.draft?.mine && !this.draft.creating && this.create(this.draft.mine),
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
      create: () => this.create(),
    });
  }

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
      html`${header({ current: view.page, workspace: view.workspace, workspaceButton: workspaceMenu(view.workspace, (workspace) => this.set({ workspace, ...unfiltered, contact: "" })), members: this.members, state, onNavigate: go, onHelp: showHelp, rerender: this.changed })}
        ${
          view.page === "statistics"
            ? this.statistics.view()
            : html`<main class="contacts ${this.draft ? "with-panel" : ""}" id="main">
                  <h1 class="offscreen">Contacts</h1>
                  ${this.toolbar.view()}
                  <div class="list ${this.list.busy ? "busy" : ""}">
                    ${strip(this)}${this.table.view()}${this.empty()}${statusLine({ known: this.known(), read: this.rows().length, loaded: Boolean(this.list.window), last: this.news.last })}
                  </div>
                </main>
                ${this.panel ? this.panel.view() : ""}`
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
    root.classList.toggle("panel-open", Boolean(this.panel) && view.page === "contacts");
    const dialog = document.getElementById("import");
    if (dialog && !dialog.open) dialog.showModal();
    this.table.rendered();
  }
}

applyTheme();
const page = new Page();
page.begin();
page.draw();
