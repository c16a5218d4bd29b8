// The contact that is open beside the table: its draft and its panel. Edits that were left without saving can be taken up
// again.

import { copy } from "./clipboard.js";
import { Draft, HIGHLIGHT_TIME } from "./draft.js";
import { focusSoon } from "./focus.js";
import { lazy } from "./lazy.js";
import { t } from "./texts.js";
import { formatView, noFilters } from "./view.js";

/** @import { Api } from "./http.js" */
/** @import { Table } from "./table.js" */
/** @import { Toasts } from "./toasts.js" */

const loadPanel = lazy(() => import("./panel.js"));

const RETURN_TIME = 8000; // how long a message offers the way back to an edit; the list of unsaved edits keeps it

/** @typedef {{draft: Draft, panel: import("./panel.js").Panel}} Edit one that was left without saving */

/**
 * @typedef {object} OpenContactConfig
 * @property {() => Api} api
 * @property {() => MaybePosition} minPosition
 * @property {() => View} view
 * @property {Navigate} navigate
 * @property {(room: string) => void} followPresence follows how many pages are in a room; empty: none
 * @property {(id: string) => Row | undefined} row the contact as the list knows it
 * @property {Table} table
 * @property {Toasts} toasts
 * @property {(contact: Contact) => void} remove
 * @property {(contact: Contact, position: MaybePosition) => void} onSaved
 * @property {() => import("./organization-names.js").OrganizationNames} organizationNames of the workspace that is shown
 * @property {LoadOptions} loadTags
 * @property {() => InstanceInfo | null} info
 * @property {() => void} requestRender
 */

export class OpenContact {
  /** @type {Draft | null} */
  draft = null;
  /** @type {import("./panel.js").Panel | null} */
  panel = null;
  /** The edits that were left without saving, the last one first. @type {Edit[]} */
  unsaved = [];
  /** How many other pages have the contact open. */
  viewers = 0;

  /** @type {OpenContactConfig} */
  #config;
  /** The message that an edit was saved. @type {import("./toasts.js").Toast | undefined} */
  #savedToast;
  /** Resolves when the panel of the draft is there. @type {Promise<void>} */
  #panelLoaded = Promise.resolve();

  /** @param {OpenContactConfig} config */
  constructor(config) {
    this.#config = config;
    loadPanel().catch(() => {}); // in advance; what opens a contact tells a failure
    addEventListener("beforeunload", (e) => (this.draft?.dirty || this.unsaved.length) && e.preventDefault());
  }

  /**
   * Opens a contact that the person chose.
   *
   * @param {string} id
   */
  open(id) {
    const { navigate } = this.#config;
    if (this.draft?.id === id && !this.draft.creating) {
      navigate({ page: "contacts" });
      return this.#focus();
    }
    this.leave();
    navigate({ page: "contacts", contact: id }); // calls openFromURL, unless the URL named the contact already
    if (this.draft?.id !== id) this.#show(id);
    this.#focus();
  }

  /**
   * Opens the contact that the URL names. The focus stays where it is, unless the contact was open already.
   *
   * @param {string} id
   */
  openFromURL(id) {
    if (id === "new") return this.#showNew();
    if (this.draft?.id === id) return this.#focus();
    this.leave();
    this.#show(id);
  }

  /**
   * Opens the form of a new contact.
   *
   * @param {PartialContact} [from] fields to copy
   * @param {boolean} [discard] the new contact takes the place of the open edit
   */
  create(from, discard) {
    this.leave(discard);
    this.#begin().create(from);
    this.#config.navigate({ page: "contacts", contact: "new" });
    this.#focusIfOutside("#f-firstName, #f-name");
  }

  /**
   * Begins to edit the open contact.
   *
   * @param {string} [field] the field that gets the focus
   */
  edit(field) {
    if (!this.panel || !this.draft?.mine) return;
    this.panel.editing = true;
    this.#config.requestRender();
    this.#focusSoon(field ? `#f-${field}, #f-${field}-0` : "#f-firstName, #f-name");
  }

  /** @param {1 | -1} step */
  step(step) {
    const { table } = this.#config;
    const from = this.draft?.id || table.active;
    const id = table.neighbour(from, step);
    if (id === "") return table.goBack(from, () => this.#openListed(table.neighbour(from, step)));
    this.#openListed(id);
  }

  /** @param {string | undefined} id */
  #openListed(id) {
    if (!id) return;
    this.open(id);
    this.#config.table.reveal(id);
  }

  duplicate() {
    const { draft } = this;
    if (draft?.mine && !draft.creating) this.create(draft.mine);
  }

  copyLink() {
    const { view, toasts } = this.#config;
    const { workspace } = view();
    const query = formatView({ ...view(), ...noFilters, workspace, sort: "name", contact: this.draft?.id ?? "" });
    copy(location.origin + location.pathname + query, toasts);
  }

  /** Goes back to the last edit that was left without saving. */
  resume() {
    const [last] = this.unsaved;
    if (last) this.#return(last);
  }

  /**
   * Takes an event, also for edits that were left.
   *
   * @param {ContactEvent} event
   */
  apply(event) {
    this.draft?.apply(event);
    this.panel?.people.apply(event);
    for (const { draft } of this.unsaved) draft.apply(event);
  }

  /** @param {boolean} [thenStop] stops editing afterwards */
  async save(thenStop = false) {
    const { draft, panel } = this;
    if (!draft || !panel) return;
    const saved = await draft.save();
    if (this.draft !== draft) return this.#offerReturn(draft, panel); // it was left meanwhile, perhaps with later edits
    if (!saved) return this.#focusSoon(".panel [aria-invalid=true], .conflict button");
    if (thenStop && !draft.dirty) this.#stopEditing();
  }

  /** @param {boolean} [discard] do not offer a way back to the edit */
  close(discard) {
    this.leave(discard);
    this.#config.navigate({ contact: "" });
    this.#config.table.focus();
  }

  /**
   * Closes the open contact, which is being deleted.
   *
   * @returns {((undone: boolean) => void) | undefined} opens its edit again, or offers the way back to it, if the contact is
   *   kept; undefined if there was no edit
   */
  closeDeleted() {
    const { draft, panel } = this;
    this.close(true);
    if (!draft?.dirty || !panel) return undefined;
    return (undone) => (undone ? this.#return(this.#keep(draft, panel)) : this.#offerReturn(draft, panel));
  }

  /**
   * Closes the panel without changing the URL.
   *
   * @param {boolean} [discard] do not offer a way back to the edit
   */
  leave(discard = false) {
    const { draft, panel } = this;
    if (!draft) return;
    draft.closed = true;
    this.draft = null;
    this.panel = null;
    this.#config.followPresence("");
    if (panel && !discard && draft.status !== "saving") this.#offerReturn(draft, panel);
  }

  /**
   * Offers the way back to an edit that was not saved.
   *
   * @param {Draft} draft
   * @param {import("./panel.js").Panel} panel
   */
  #offerReturn(draft, panel) {
    if (!draft.dirty) return;
    const edit = this.#keep(draft, panel);
    const { toasts } = this.#config;
    if (this.#savedToast) toasts.remove(this.#savedToast); // of an earlier save
    toasts.show(draft.creating ? t.panel.notSavedNew : t.panel.notSavedEdit, {
      duration: RETURN_TIME,
      action: { label: t.panel.back, run: () => this.#return(edit) },
    });
  }

  /**
   * Keeps an edit that was left.
   *
   * @param {Draft} draft
   * @param {import("./panel.js").Panel} panel
   */
  #keep(draft, panel) {
    draft.closed = false; // it goes on to take events
    const edit = { draft, panel };
    this.unsaved.unshift(edit);
    return edit;
  }

  /** Shows the contact as it is read again. */
  #stopEditing() {
    if (this.panel) this.panel.editing = false;
    this.#config.requestRender();
    this.#focusSoon("#panel-title");
  }

  /** The server answers again. Reads the contact again if the last read failed. */
  retry() {
    this.draft?.connected();
    if (this.draft?.status === "failed") this.draft.load(this.draft.id);
  }

  /**
   * Opens an edit again, in the workspace where it began.
   *
   * @param {Edit} edit
   */
  #return(edit) {
    const { draft } = edit;
    if (!this.unsaved.includes(edit)) return;
    const { api, navigate } = this.#config;
    const filters = draft.workspace === api().workspace ? {} : noFilters;
    this.unsaved = [edit, ...this.unsaved.filter((other) => other !== edit)]; // what the navigation opens, if it opens any
    navigate({ workspace: draft.workspace, page: "contacts", ...filters, contact: draft.creating ? "new" : draft.id });
    if (this.draft !== draft) {
      this.leave(); // what the navigation opened
      this.#take(edit);
    }
    this.#config.requestRender();
  }

  /** Makes an edit that was left the open one. @param {Edit} edit */
  #take(edit) {
    const { draft, panel } = edit;
    this.unsaved = this.unsaved.filter((other) => other !== edit);
    this.draft = draft;
    this.panel = panel;
    panel.editing = true;
    if (draft.id) {
      this.#config.followPresence(`contact:${draft.id}`);
      draft.refresh();
    }
  }

  #focus() {
    this.#focusIfOutside("#panel-title");
  }

  /**
   * Focuses an element of the panel as soon as it is there, unless the person is in the panel already.
   *
   * @param {string} selector
   */
  async #focusIfOutside(selector) {
    await this.#panelLoaded;
    this.#focusSoon(selector, () => !document.getElementById("panel")?.contains(document.activeElement));
  }

  /**
   * Focuses an element of the panel as soon as it is there, unless the person has left the contact by then.
   *
   * @param {string} selector
   */
  #focusSoon(selector, isWanted = () => true) {
    const { draft } = this;
    focusSoon(selector, () => this.draft === draft && isWanted());
  }

  /** @param {string} id */
  #show(id) {
    const { table, api, row, followPresence } = this.#config;
    table.active = id;
    const left = this.unsaved.find(({ draft }) => draft.id === id && draft.workspace === api().workspace);
    if (left) return this.#take(left);
    this.#begin().load(id, row(id));
    followPresence(`contact:${id}`);
  }

  /** Shows the form of a new contact: the one that was left last, or an empty one. */
  #showNew() {
    if (this.draft?.creating) return;
    const left = this.unsaved.find(({ draft }) => draft.creating && draft.workspace === this.#config.api().workspace);
    if (!left) return this.create();
    this.leave();
    this.#take(left);
    this.#focusIfOutside("#f-firstName, #f-name");
  }

  #begin() {
    const { api, minPosition, view, navigate, toasts, remove, organizationNames, loadTags, info, requestRender } = this.#config;
    const draft = new Draft({
      api: api(),
      minPosition,
      requestRender: () => {
        requestRender();
        setTimeout(requestRender, HIGHLIGHT_TIME + 100); // no highlight is left then
      },
      onSaved: (...saved) => this.#onSaved(...saved),
    });
    this.draft = draft;
    const config = {
      api: api(),
      open: (/** @type {string} */ id) => this.open(id),
      close: (/** @type {boolean | undefined} */ discard) => this.close(discard),
      minPosition,
      view,
      navigate,
      save: (/** @type {boolean | undefined} */ thenStop) => this.save(thenStop),
      edit: (/** @type {string | undefined} */ field) => this.edit(field),
      stopEditing: () => this.#stopEditing(),
      step: (/** @type {1 | -1} */ step) => this.step(step),
      neighbour: (/** @type {1 | -1} */ step) => this.#config.table.neighbour(draft.id, step),
      copyLink: () => this.copyLink(),
      viewers: () => this.viewers,
      duplicate: (/** @type {PartialContact} */ contact) => this.create(contact),
      recreate: () => this.create(draft.edited, true),
      remove,
      organizationNames: organizationNames(),
      loadTags,
      info,
      copy: (/** @type {string} */ text) => copy(text, toasts),
      requestRender,
    };
    this.#panelLoaded = loadPanel().then(
      (module) => {
        if (this.draft === draft) this.panel = new module.Panel(config, draft);
        requestRender();
      },
      () => void toasts.show(t.panel.cannotShow, { kind: "error" }),
    );
    return draft;
  }

  /**
   * @param {Draft} draft
   * @param {Contact} contact
   * @param {MaybePosition} position
   * @param {boolean} created
   */
  #onSaved(draft, contact, position, created) {
    const { api, onSaved, table, navigate, toasts, requestRender } = this.#config;
    if (draft.workspace === api().workspace) onSaved(contact, position);
    if (created) {
      toasts.show(t.panel.created(contact.fullName ?? ""));
      if (this.draft === draft) {
        table.active = contact.id;
        navigate({ contact: contact.id }, { replace: true });
        this.#config.followPresence(`contact:${contact.id}`);
        requestAnimationFrame(() => table.reveal(contact.id));
      }
    } else this.#savedToast = toasts.show(t.panel.saved, { duration: 2000 });
    requestRender();
  }
}
