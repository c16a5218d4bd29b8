// The contact that is open beside the table: its draft and its panel. An edit that was left without saving
// can be taken up again.

import { Draft } from "./draft.js";
import { lazy } from "./lazy.js";
import { noFilters } from "./view.js";

/** @import { Api } from "./http.js" */
/** @import { Table } from "./table.js" */
/** @import { Toasts } from "./toasts.js" */

const loadPanel = lazy(() => import("./panel.js"));

const HIGHLIGHT_TIME = 1700; // after this many milliseconds a field that somebody else changed loses its highlight
const RETURN_TIME = 8000; // how long the way back to an edit is offered

/**
 * @typedef {object} OpenContactConfig
 * @property {() => Api} api
 * @property {() => MaybePosition} minPosition
 * @property {Navigate} navigate
 * @property {(id: string) => Row | undefined} row the contact as the list knows it
 * @property {Table} table
 * @property {Toasts} toasts
 * @property {(contact: Contact) => void} remove
 * @property {(contact: Contact, position: MaybePosition) => void} onSaved
 * @property {LoadOptions} loadTags
 * @property {() => InstanceInfo | null} info
 * @property {() => void} requestRender
 */

export class OpenContact {
  /** @type {Draft | null} */
  draft = null;
  /** @type {import("./panel.js").Panel | null} */
  panel = null;

  /** @type {OpenContactConfig} */
  #config;
  /** Resolves when the panel of the draft is there. @type {Promise<void>} */
  #panelLoaded = Promise.resolve();

  /** @param {OpenContactConfig} config */
  constructor(config) {
    this.#config = config;
    loadPanel().catch(() => {}); // in advance; what opens a contact tells a failure
    addEventListener("beforeunload", (e) => this.draft?.dirty && e.preventDefault());
  }

  /**
   * Opens a contact that the person chose.
   *
   * @param {string} id
   */
  open(id) {
    if (this.draft?.id === id && !this.draft.creating) return this.#focus();
    this.leave();
    this.#config.navigate({ contact: id }); // calls openFromURL, unless the URL named the contact already
    if (this.draft?.id !== id) this.#show(id);
    this.#focus();
  }

  /**
   * Opens the contact that the URL names. The focus stays where it is, unless the contact was open already.
   *
   * @param {string} id
   */
  openFromURL(id) {
    if (id === "new") {
      if (!this.draft?.creating) this.create();
      return;
    }
    if (this.draft?.id === id) return this.#focus();
    this.leave();
    this.#show(id);
  }

  /**
   * Opens the form of a new contact.
   *
   * @param {PartialContact} [from] fields to copy
   */
  create(from) {
    this.leave();
    this.#begin().create(from);
    this.#config.navigate({ page: "contacts", contact: "new" });
    this.#focusSoon("#f-firstName, #f-name");
  }

  async save() {
    const { draft, panel } = this;
    if (!draft || !panel || (await draft.save())) return;
    if (this.draft !== draft) return this.#offerReturn(draft, panel); // it was left meanwhile
    requestAnimationFrame(() => focus(".panel [aria-invalid=true], .conflict button"));
  }

  /** @param {boolean} [discard] do not offer a way back to the edit */
  close(discard) {
    this.leave(discard);
    this.#config.navigate({ contact: "" });
    this.#config.table.focus();
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
    this.#config.toasts.show(draft.creating ? "The new contact was not saved." : "Your changes were not saved.", {
      duration: RETURN_TIME,
      action: { label: "Back to editing", run: () => this.#return(draft, panel) },
    });
  }

  /** The server answers again. Reads the contact again if the last read failed. */
  retry() {
    this.draft?.connected();
    if (this.draft?.status === "failed") this.draft.load(this.draft.id);
  }

  /**
   * Opens the draft again, in the workspace where it began.
   *
   * @param {Draft} draft
   * @param {import("./panel.js").Panel} panel
   */
  #return(draft, panel) {
    const { api, navigate } = this.#config;
    const filters = draft.workspace === api().workspace ? {} : noFilters;
    navigate({ workspace: draft.workspace, page: "contacts", ...filters, contact: draft.creating ? "new" : draft.id });
    this.leave(); // what the navigation opened
    draft.closed = false;
    this.draft = draft;
    this.panel = panel;
    draft.refresh();
    this.#config.requestRender();
  }

  #focus() {
    this.#focusSoon("#panel-title");
  }

  /**
   * Focuses an element of the panel as soon as it is there, unless the person is in the panel already.
   *
   * @param {string} selector
   */
  async #focusSoon(selector) {
    await this.#panelLoaded;
    const ifOutside = () => document.getElementById("panel")?.contains(document.activeElement) || focus(selector);
    requestAnimationFrame(() => requestAnimationFrame(ifOutside));
  }

  /** @param {string} id */
  #show(id) {
    this.#config.table.active = id;
    this.#begin().load(id, this.#config.row(id));
  }

  #begin() {
    const { api, minPosition, toasts, remove, loadTags, info, requestRender } = this.#config;
    const draft = new Draft({
      api: api(),
      minPosition,
      requestRender: () => {
        requestRender();
        setTimeout(requestRender, HIGHLIGHT_TIME);
      },
      onSaved: (...saved) => this.#onSaved(...saved),
    });
    this.draft = draft;
    const config = {
      api: api(),
      open: (/** @type {string} */ id) => this.open(id),
      close: (/** @type {boolean | undefined} */ discard) => this.close(discard),
      save: () => this.save(),
      duplicate: (/** @type {PartialContact} */ contact) => this.create(contact),
      remove,
      loadTags,
      info,
      onCopied: () => toasts.show("Copied.", { duration: 1800 }),
      requestRender,
    };
    this.#panelLoaded = loadPanel().then(
      (module) => {
        if (this.draft === draft) this.panel = new module.Panel(config, draft);
        requestRender();
      },
      () => void toasts.show("The contact cannot be shown, because the server cannot be reached. Try again.", { kind: "error" }),
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
      toasts.show(`${contact.fullName} created.`);
      if (this.draft === draft) {
        table.active = contact.id;
        navigate({ contact: contact.id }, { replace: true });
        requestAnimationFrame(() => table.reveal(contact.id));
      }
    } else toasts.show("Saved.", { duration: 2000 });
    requestRender();
  }
}

/** @param {string} selector */
const focus = (selector) =>
  /** @type {HTMLElement | null} */ (document.querySelector(selector))?.focus({ preventScroll: selector === "#panel-title" });
