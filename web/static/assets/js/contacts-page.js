// The contacts page. A session reads the list once and joins the workspace's room with the position of
// that read; from then on events keep the list up to date.

import { html, render } from "../vendor/lit/lit-html.js";
import { isOnlyDerived, RecentChanges } from "./recent-changes.js";
import { MIN_OFFLINE_SHOWN } from "./banner.js";
import { Deletions } from "./deletions.js";
import { OpenContact } from "./open-contact.js";
import { FirstRow } from "./first-row.js";
import { focusSoon } from "./focus.js";
import { Forming } from "./forming.js";
import { ImportExport } from "./import-export.js";
import { listenForCommands } from "./commands.js";
import { contactsCommands } from "./contacts-commands.js";
import { contactsMain } from "./contacts-main.js";
import { connectionState, header } from "./header.js";
import { helpDialog } from "./help.js";
import { NoteHits } from "./note-hits.js";
import { Printing } from "./printing.js";
import { Router } from "./router.js";
import { scheduleRender } from "./schedule-render.js";
import { LazyParts } from "./lazy-parts.js";
import { PageState } from "./page-state.js";
import { Suggestions } from "./suggestions.js";
import { Table } from "./table.js";
import { t } from "./texts.js";
import { Toasts } from "./toasts.js";
import { Toolbar } from "./toolbar.js";
import { formatView, noFilters } from "./view.js";
import { WorkspaceSession } from "./workspace-session.js";
import { rememberWorkspace, WorkspaceMenu } from "./workspaces.js";

const HIDDEN_RENDER_DELAY = 250;
const TIMES_INTERVAL = 30000; // how often "2 min. ago" is brought up to date

/** The parts of a view that decide which list is read. @param {View} view */
const listKey = (view) => formatView({ ...view, contact: "", page: "contacts" });

export class ContactsPage {
  /** @type {HTMLElement} */
  #root;
  /** @type {PageState<{info: InstanceInfo | null}>} */
  #pageState = new PageState({ info: null });
  #requestRender = this.#pageState.notify;
  #router = new Router(
    (next, previous) => this.#onNavigate(next, previous),
    () => this.#table.topRow,
  );
  #session = this.#newSession(this.#router.view.workspace);
  #toasts = new Toasts(this.#requestRender);
  #recentChanges = new RecentChanges(this.#requestRender);
  #forming = new Forming(this.#requestRender);

  #api = () => this.#session.api;
  #minPosition = () => this.#session.minPosition();
  #organizationNames = () => this.#session.organizationNames;
  #view = () => this.#router.view;
  #navigate = this.#router.navigate;
  #clear = () => {
    this.#navigate(noFilters);
    focusSoon("#grid"); // the button that was pressed leaves with the filters
  };
  #firstRow = new FirstRow();
  #workspaceMenu = new WorkspaceMenu({
    current: () => this.#view().workspace,
    onPick: (workspace) => this.#navigate({ workspace, ...noFilters, contact: "" }),
    requestRender: this.#requestRender,
  });
  #suggestions = new Suggestions({ api: this.#api, minPosition: this.#minPosition });
  #importExport = new ImportExport({
    api: this.#api,
    view: this.#view,
    minPosition: this.#minPosition,
    onImported: (position) => {
      this.#session.recordWrite(position);
      this.#session.counts.read();
    },
    toasts: this.#toasts,
    requestRender: this.#requestRender,
  });
  #deletions = new Deletions({
    api: this.#api,
    toasts: this.#toasts,
    minPosition: this.#minPosition,
    onDeleted: (id) => this.#removeRow(id),
    requestRender: this.#requestRender,
  });
  #table = new Table({
    rows: () => this.#rows(),
    before: () => this.#session.list.before,
    show: (first, last) => this.#session.list.show(first, last),
    view: this.#view,
    navigate: this.#navigate,
    open: (id) => this.#openContact.open(id),
    sort: (field) => this.#navigate({ sort: this.#router.view.sort === field ? `-${field}` : field }),
    remove: (contact) => this.#delete(contact),
    requestRender: this.#requestRender,
  });
  #openContact = new OpenContact({
    api: this.#api,
    minPosition: this.#minPosition,
    view: this.#view,
    navigate: this.#navigate,
    followPresence: (room) => this.#session.followPresence(room),
    row: (id) => this.#session.list.window?.byId.get(id),
    table: this.#table,
    toasts: this.#toasts,
    remove: (contact) => this.#delete(contact),
    onSaved: (contact, position) => {
      this.#session.recordWrite(position);
      this.#table.keepScroll(() => this.#session.list.applyAnswer(contact, position));
    },
    organizationNames: this.#organizationNames,
    loadTags: this.#suggestions.tags,
    info: () => this.#pageState.state.info,
    requestRender: this.#requestRender,
  });
  #noteHits = new NoteHits({
    api: this.#api,
    view: this.#view,
    minPosition: this.#minPosition,
    open: (id) => this.#openContact.open(id),
    requestRender: this.#requestRender,
  });
  #toolbar = new Toolbar({
    view: this.#view,
    navigate: this.#navigate,
    clear: this.#clear,
    create: () => this.#openContact.create(),
    openImport: () => this.#importExport.openImport(),
    openFirst: () => this.#whenListed(({ id }) => this.#openContact.open(id)),
    moveIntoList: () => {
      this.#table.focus();
      this.#whenListed(({ id }) => this.#table.reveal(id));
    },
    exportAs: (format) => this.#importExport.exportAs(format),
    organizationNames: this.#organizationNames,
    print: () => this.#printing.print(),
    loadSuggestions: (statistic, name, text) => this.#suggestions.load(statistic, name, text),
    requestRender: this.#requestRender,
  });

  #printing = new Printing({
    hold: (range) => this.#session.list.hold(range),
    table: this.#table,
    render: () => this.#render(),
  });
  #parts = new LazyParts({
    api: this.#api,
    minPosition: this.#minPosition,
    commands: () => this.#commands,
    open: (id) => this.#openContact.open(id),
    filter: (name, value) => this.#navigate({ page: "contacts", ...noFilters, [name]: value }),
    toasts: this.#toasts,
    requestRender: this.#requestRender,
  });
  #commands = contactsCommands({
    view: this.#view,
    navigate: this.#navigate,
    clear: this.#clear,
    openContact: this.#openContact,
    toasts: this.#toasts,
    importExport: this.#importExport,
    showPalette: () => this.#parts.showPalette(),
    print: () => this.#printing.print(),
    remove: (contact) => this.#delete(contact),
    requestRender: this.#requestRender,
  });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#pageState.subscribe(scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY));
    setInterval(this.#requestRender, TIMES_INTERVAL);
    listenForCommands(() => this.#commands);
    addEventListener("textschange", this.#requestRender);
    // WebKit shows a page that it kept, but at the top of the list.
    addEventListener("pageshow", (e) => e.persisted && this.#table.reset(this.#router.leftAt));
  }

  start() {
    this.#startSession(this.#session);
    this.#loadInfo();
    this.#render();
  }

  async #loadInfo() {
    try {
      const response = await fetch("/inspect/info");
      if (response.ok) this.#pageState.update({ info: await response.json() });
    } catch {
      // Only the hint for mongosh needs it.
    }
  }

  /** @param {string} workspace */
  #newSession(workspace) {
    return new WorkspaceSession(workspace, {
      view: () => this.#router.view,
      changeRows: (change) => this.#table.keepScroll(change),
      onViewers: (members) => (this.#openContact.viewers = Math.max(0, members - 1)),
      onImport: (frame) => this.#importExport.onFrame(frame),
      onReread: () => {
        this.#openContact.draft?.refresh();
        this.#refreshStatistics();
      },
      onState: (socket) => {
        if (socket.lostAt) setTimeout(this.#requestRender, MIN_OFFLINE_SHOWN + 50);
        if (connectionState(socket) !== "live") return;
        this.#openContact.retry();
        this.#forming.check();
      },
      requestRender: this.#requestRender,
    });
  }

  /** @param {WorkspaceSession} session */
  #startSession(session) {
    const { contact } = this.#router.view;
    const topRow = this.#router.savedTopRow;
    this.#table.reset(topRow);
    session.start(topRow).then(() => (contact && !topRow ? this.#revealLinked(contact) : undefined));
    this.#noteHits.scheduleRead();
    if (contact) this.#openContact.openFromURL(contact);
    this.#refreshStatistics();
    rememberWorkspace(session.workspace);
  }

  /** Scrolls to the row of a contact that the address names. @param {string} id */
  async #revealLinked(id) {
    const { api, list } = this.#session;
    this.#table.reveal(id);
    if (id === "new" || this.#table.indexOf(id) >= 0) return;
    const answer = await api.get(`/contacts/${id}`, { minPosition: this.#minPosition() }).catch(() => null); // the panel tells why
    if (!answer || this.#router.view.contact !== id) return;
    const { topRow } = this.#table;
    await list.seek(answer.body, (found) => {
      if (!found) this.#toasts.show(t.list.farDown);
      else if (this.#table.topRow === topRow) this.#table.reveal(id); // else the person scrolled meanwhile
    });
  }

  /**
   * @param {View} next
   * @param {View} previous
   */
  #onNavigate(next, previous) {
    if (next.workspace !== previous.workspace) {
      this.#openContact.leave();
      this.#table.reset();
      this.#session.stop();
      this.#session = this.#newSession(next.workspace);
      this.#startSession(this.#session);
    } else {
      if (listKey(next) !== listKey(previous)) {
        const topRow = this.#router.savedTopRow;
        this.#session.open(next, topRow);
        this.#noteHits.scheduleRead();
        this.#table.reset(topRow);
      }
      if (next.contact !== previous.contact) {
        if (next.contact) this.#openContact.openFromURL(next.contact);
        else this.#openContact.leave();
      }
      if (next.page !== previous.page) this.#refreshStatistics();
    }
    this.#requestRender();
  }

  #applyPending() {
    const { events, list, counts } = this.#session;
    if (!events.length) return;
    this.#table.keepScroll(() => events.applyPending((event, skipHighlight) => this.#applyEvent(event, skipHighlight)));
    if (list.window?.stale) this.#session.rereadSoon();
    counts.scheduleRead();
    this.#noteHits.scheduleRead();
    this.#refreshStatistics();
    if (events.length) this.#requestRender();
  }

  /**
   * @param {ContactEvent} event
   * @param {boolean} skipHighlight without a highlight
   */
  #applyEvent(event, skipHighlight) {
    const { list, counts, organizationNames } = this.#session;
    const id = event.contact?.id ?? "";
    const shown = list.window?.byId.get(id)?.contact;
    const index = event.event === "contact:deleted" && shown && !skipHighlight ? this.#table.indexOf(id) : -1;
    const outcome = list.apply(event);
    this.#deletions.apply(event);
    this.#openContact.apply(event);
    if (outcome === "old") return;
    organizationNames.apply(event);
    if (isOnlyDerived(event)) return;
    if (!skipHighlight) {
      counts.apply(event);
      if (outcome === "deleted" && shown && index >= 0) this.#recentChanges.fadeOut({ id, index, contact: shown });
      if (outcome === "created" || outcome === "updated" || outcome === "moved") this.#recentChanges.highlight(id, event);
    }
    this.#recentChanges.announce(event);
  }

  #refreshStatistics() {
    if (this.#router.view.page === "statistics") this.#parts.readStatistics();
  }

  /** @param {(row: {id: string}) => void} run */
  #whenListed(run) {
    this.#firstRow.whenRead(listKey(this.#router.view), run);
    this.#requestRender();
  }

  /** The rows of the list without those that are being deleted. */
  #rows() {
    const { rows } = this.#session.list;
    return this.#deletions.size ? rows.filter((row) => !this.#deletions.has(row.id)) : rows;
  }

  /** How many contacts the view has, if it is known. */
  #total() {
    const { list, counts } = this.#session;
    if (list.window?.whole) return this.#rows().length;
    if (counts.known !== undefined) return Math.max(0, counts.known - this.#deletions.size);
    return list.window?.complete ? list.before + this.#rows().length : undefined;
  }

  /** @param {Contact} contact */
  #delete(contact) {
    const keepEdit = this.#openContact.draft?.id === contact.id ? this.#openContact.closeDeleted() : undefined;
    const index = this.#table.indexOf(contact.id);
    if (index >= 0) this.#recentChanges.fadeOut({ id: contact.id, index, contact });
    this.#deletions.start(contact, keepEdit);
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
    this.#requestRender();
  }

  #render() {
    this.#applyPending();
    const { view } = this.#router;
    const { socket, members } = this.#session;
    const panel = view.page === "contacts" ? this.#openContact.panel : null;
    const focusInPanel = panel && document.getElementById("panel")?.contains(document.activeElement);
    render(
      html`${header({
          current: view.page,
          workspace: view.workspace,
          workspaceMenu: this.#workspaceMenu.render(),
          members,
          state: connectionState(socket),
          onNavigate: (page) => this.#navigate({ page }),
          commands: this.#commands,
        })}
        ${view.page === "statistics" ? this.#parts.statistics?.render() : [contactsMain(this.#mainProps()), panel ? panel.render() : ""]}
        ${this.#toasts.render()} ${this.#importExport.render()} ${helpDialog(this.#commands)} ${this.#parts.palette?.render()}
        <div class="offscreen" role="status" aria-live="polite" id="announcer">${this.#recentChanges.announcement}</div>`,
      this.#root,
    );
    this.#root.classList.toggle("panel-open", Boolean(panel));
    if (focusInPanel && document.activeElement === document.body) document.getElementById("panel-title")?.focus(); // its field is gone
    document.title = `${view.page === "statistics" ? t.header.statistics : this.#openContact.panel?.title || t.header.contacts} · Grapevine`;
    this.#importExport.rendered();
    this.#parts.palette?.rendered();
    this.#table.rendered();
    const { list } = this.#session;
    if (!list.busy) this.#firstRow.rendered(listKey(view), list.before ? undefined : (this.#rows()[0] ?? this.#noteHits.first));
  }

  #mainProps() {
    return {
      view: this.#router.view,
      session: this.#session,
      rows: this.#rows(),
      before: this.#session.list.before,
      total: this.#total(),
      toolbar: this.#toolbar,
      table: this.#table,
      noteHits: this.#noteHits,
      recentChanges: this.#recentChanges,
      forming: this.#forming.message,
      openContact: this.#openContact,
      navigate: this.#navigate,
      clear: this.#clear,
      openImport: () => this.#importExport.openImport(),
    };
  }
}
