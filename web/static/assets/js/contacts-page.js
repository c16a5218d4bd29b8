// The contacts page. A session reads the list once and joins the workspace's room with the position of
// that read; from then on events keep the list up to date.

import { html, render } from "../vendor/lit/lit-html.js";
import { Activity } from "./activity.js";
import { banner, MIN_OFFLINE_SHOWN } from "./banner.js";
import { Deletions } from "./deletions.js";
import { Detail } from "./detail.js";
import { Files } from "./files.js";
import { connectionState, header } from "./header.js";
import { helpDialog, showHelp } from "./help.js";
import { searchWords } from "./highlight.js";
import { Router } from "./router.js";
import { scheduleRender } from "./schedule-render.js";
import { listenForShortcuts } from "./shortcuts.js";
import { Statistics } from "./statistics.js";
import { emptyList, statusLine } from "./status.js";
import { Store } from "./store.js";
import { Suggestions } from "./suggestions.js";
import { Table } from "./table.js";
import { Toasts } from "./toasts.js";
import { Toolbar } from "./toolbar.js";
import { formatView, noFilters, pagePaths } from "./view.js";
import { WorkspaceSession } from "./workspace-session.js";
import { rememberWorkspace, workspaceMenu } from "./workspaces.js";

const HIDDEN_RENDER_DELAY = 250;
const TIMES_INTERVAL = 30000; // how often "2 min. ago" is brought up to date

/** The parts of a view that decide which list is read. @param {View} view */
const listKey = (view) => formatView({ ...view, contact: "", page: "contacts" });

export class ContactsPage {
  /** @type {HTMLElement} */
  #root;
  /** @type {Store<{info: InstanceInfo | null}>} */
  #store = new Store({ info: null });
  #changed = this.#store.notify;
  #router = new Router((next, previous) => this.#onNavigate(next, previous));
  #session = this.#newSession(this.#router.view.workspace);
  #toasts = new Toasts(this.#changed);
  #activity = new Activity(this.#changed);

  #api = () => this.#session.api;
  #minPosition = () => this.#session.minPosition();
  #view = () => this.#router.view;
  #navigate = this.#router.navigate;
  #clear = () => this.#navigate(noFilters);

  #suggestions = new Suggestions({ api: this.#api, minPosition: this.#minPosition });
  #statistics = new Statistics({
    api: this.#api,
    minPosition: this.#minPosition,
    filter: (name, value) => this.#navigate({ page: "contacts", ...noFilters, [name]: value }),
    changed: this.#changed,
  });
  #files = new Files({
    api: this.#api,
    view: this.#view,
    minPosition: this.#minPosition,
    onImported: (position) => {
      this.#session.recordWrite(position);
      this.#session.counts.read();
    },
    toasts: this.#toasts,
    changed: this.#changed,
  });
  #deletions = new Deletions({
    api: this.#api,
    toasts: this.#toasts,
    minPosition: this.#minPosition,
    onDeleted: (id) => this.#removeRow(id),
    changed: this.#changed,
  });
  #table = new Table({
    rows: () => this.#rows(),
    readTo: (index) => this.#session.list.readTo(index),
    open: (id) => this.#detail.open(id),
    sort: (field) => this.#navigate({ sort: this.#router.view.sort === field ? `-${field}` : field, q: "" }),
    remove: (contact) => this.#delete(contact),
    changed: this.#changed,
  });
  #detail = new Detail({
    api: this.#api,
    minPosition: this.#minPosition,
    navigate: this.#navigate,
    row: (id) => this.#session.list.window?.byId.get(id),
    table: this.#table,
    toasts: this.#toasts,
    remove: (contact) => this.#delete(contact),
    onSaved: (contact, position) => {
      this.#session.recordWrite(position);
      this.#table.keepScroll(() => this.#session.list.applyAnswer(contact, position));
    },
    loadTags: this.#suggestions.tags,
    info: () => this.#store.state.info,
    changed: this.#changed,
  });
  #toolbar = new Toolbar({
    navigate: this.#navigate,
    clear: this.#clear,
    create: () => this.#detail.create(),
    openImport: () => this.#files.openImport(),
    exportAs: (format) => this.#files.exportAs(format),
    loadCompanies: this.#suggestions.companies,
    loadTags: this.#suggestions.tags,
    changed: this.#changed,
  });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#store.subscribe(scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY));
    setInterval(this.#changed, TIMES_INTERVAL);
    listenForShortcuts(
      {
        "/": () => document.getElementById("search")?.focus(),
        n: () => this.#detail.create(),
        s: () => this.#navigate({ page: this.#router.view.page === "statistics" ? "contacts" : "statistics" }),
        i: () => location.assign(pagePaths(this.#router.view.workspace).inspect),
        d: () => this.#duplicate(),
        u: () => this.#toasts.runLastAction(),
        g: () => this.#table.focus(),
        "?": showHelp,
      },
      () => this.#detail.draft && this.#detail.close(),
    );
  }

  start() {
    this.#enter(this.#session);
    this.#loadInfo();
    this.#render();
  }

  async #loadInfo() {
    try {
      const response = await fetch("/inspect/info");
      if (response.ok) this.#store.update({ info: await response.json() });
    } catch {
      // Only the hint for mongosh needs it.
    }
  }

  // ---- navigation

  /** @param {string} workspace */
  #newSession(workspace) {
    return new WorkspaceSession(workspace, {
      view: () => this.#router.view,
      onReread: () => {
        this.#detail.draft?.refresh();
        this.#refreshStatistics();
      },
      onState: (socket) => {
        if (socket.lostAt) setTimeout(this.#changed, MIN_OFFLINE_SHOWN + 50);
        if (connectionState(socket) === "live") this.#detail.retry();
      },
      changed: this.#changed,
    });
  }

  /** @param {WorkspaceSession} session */
  #enter(session) {
    const { contact } = this.#router.view;
    session.start();
    if (contact) this.#detail.openFromURL(contact);
    this.#refreshStatistics();
    rememberWorkspace(session.workspace);
  }

  /**
   * @param {View} next
   * @param {View} previous
   */
  #onNavigate(next, previous) {
    if (next.workspace !== previous.workspace) {
      this.#detail.leave();
      this.#table.reset();
      this.#session.stop();
      this.#session = this.#newSession(next.workspace);
      this.#enter(this.#session);
    } else {
      if (listKey(next) !== listKey(previous)) {
        this.#session.open(next);
        this.#table.reset();
      }
      if (next.contact !== previous.contact) {
        if (next.contact) this.#detail.openFromURL(next.contact);
        else this.#detail.leave();
      }
      if (next.page !== previous.page) this.#refreshStatistics();
    }
    this.#changed();
  }

  /**
   * @param {MouseEvent} e
   * @param {"contacts" | "statistics" | "inspect"} page
   */
  #onHeaderLink(e, page) {
    if (page === "inspect" || e.ctrlKey || e.metaKey || e.shiftKey) return; // an ordinary link
    e.preventDefault();
    this.#navigate({ page });
  }

  // ---- events

  #applyPending() {
    const { events, list, counts } = this.#session;
    if (!events.length) return;
    this.#table.keepScroll(() => events.applyPending((event, quiet) => this.#applyEvent(event, quiet)));
    if (list.window?.stale) this.#session.refreshSearch();
    counts.scheduleRead();
    this.#refreshStatistics();
    if (events.length) this.#changed();
  }

  /**
   * @param {ContactEvent} event
   * @param {boolean} quiet without a highlight
   */
  #applyEvent(event, quiet) {
    const { list, counts } = this.#session;
    const id = event.contact?.id ?? "";
    const shown = list.window?.byId.get(id)?.contact;
    const index = event.event === "contact:deleted" && shown && !quiet ? this.#rowIndex(id) : -1;
    const outcome = list.apply(event);
    this.#deletions.apply(event);
    this.#detail.draft?.apply(event);
    if (outcome === "old") return;
    if (!quiet) {
      counts.apply(event);
      if (outcome === "deleted" && shown && index >= 0) this.#activity.fadeOut({ id, index, contact: shown });
      if (outcome === "created" || outcome === "updated" || outcome === "moved") this.#activity.highlight(id, event);
    }
    this.#activity.announce(event);
  }

  #refreshStatistics() {
    if (this.#router.view.page === "statistics") this.#statistics.scheduleRead();
  }

  // ---- contacts

  /** The rows of the list without those that are being deleted. */
  #rows() {
    const { rows } = this.#session.list;
    return this.#deletions.size ? rows.filter((row) => !this.#deletions.has(row.id)) : rows;
  }

  /** @param {string} id */
  #rowIndex(id) {
    return this.#rows().findIndex((row) => row.id === id);
  }

  /** How many contacts the view has, if it is known. */
  #total() {
    const { list, counts } = this.#session;
    if (list.window?.complete) return this.#rows().length;
    return counts.known === undefined ? undefined : Math.max(0, counts.known - this.#deletions.size);
  }

  #duplicate() {
    const { draft } = this.#detail;
    if (draft?.mine && !draft.creating) this.#detail.create(draft.mine);
  }

  /** @param {Contact} contact */
  #delete(contact) {
    if (this.#detail.draft?.id === contact.id) this.#detail.close(true);
    const index = this.#rowIndex(contact.id);
    if (index >= 0) this.#activity.fadeOut({ id: contact.id, index, contact });
    this.#deletions.start(contact);
  }

  /**
   * Removes the row of a deleted contact. The event does the same, before or after this.
   *
   * @param {string} id
   */
  #removeRow(id) {
    const { window } = this.#session.list;
    if (!window?.byId.has(id)) return;
    this.#table.keepScroll(() => window.remove(id));
    this.#changed();
  }

  // ---- rendering

  #render() {
    this.#applyPending();
    const { view } = this.#router;
    const { socket, members } = this.#session;
    const panel = view.page === "contacts" ? this.#detail.panel : null;
    render(
      html`${header({
          current: view.page,
          workspace: view.workspace,
          workspaceMenu: workspaceMenu(view.workspace, (workspace) => this.#navigate({ workspace, ...noFilters, contact: "" })),
          members,
          state: connectionState(socket),
          onNavigate: (e, page) => this.#onHeaderLink(e, page),
          onHelp: showHelp,
          rerender: this.#changed,
        })}
        ${view.page === "statistics" ? this.#statistics.view() : [this.#main(), panel ? panel.view() : ""]} ${this.#toasts.view()}
        ${this.#files.view()} ${helpDialog()}
        <div class="offscreen" role="status" aria-live="polite" id="announcer">${this.#activity.announcement}</div>`,
      this.#root,
    );
    this.#root.classList.toggle("panel-open", Boolean(panel));
    document.title = `${view.page === "statistics" ? "Statistics" : this.#detail.panel?.title || "Contacts"} · Grapevine`;
    this.#files.rendered();
    this.#table.rendered();
  }

  #main() {
    const { view } = this.#router;
    const { list, socket, rereadReason } = this.#session;
    const rows = this.#rows();
    const total = this.#total();
    const loaded = Boolean(list.window);
    const complete = Boolean(list.window?.complete);
    const shownView = list.window?.view ?? view;
    const empty = emptyList({
      view,
      searchWords: (text) => this.#toolbar.searchWords(text),
      clear: this.#clear,
      create: () => this.#detail.create(),
      openImport: () => this.#files.openImport(),
    });
    return html`<main class="contacts" id="main">
      <h1 class="offscreen">Contacts</h1>
      ${this.#toolbar.view({ view, total })}
      <div class="list ${list.busy ? "busy" : ""}">
        ${banner({ list, socket, rereadReason })}${this.#table.view({
          rows,
          total,
          complete,
          loaded,
          sort: view.q ? "" : view.sort,
          words: loaded ? searchWords(shownView.q || shownView.prefix) : [],
          wholeWords: loaded && Boolean(shownView.q),
          selected: view.contact,
          highlights: this.#activity.highlights,
          leavingRows: this.#activity.leavingRows,
        })}${complete && !rows.length ? empty : ""}${statusLine({ total, rowCount: rows.length, loaded, last: this.#activity.last })}
      </div>
    </main>`;
  }
}
