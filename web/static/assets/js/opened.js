// The contact that is open beside the table: its draft, its panel, and what was typed and left behind.

import { Draft } from "./draft.js";
import { later } from "./position.js";
import { Panel } from "./panel.js";

const LIT = 1700; // milliseconds after which a field that somebody else changed is drawn unlit

export class Opened {
  /** page is the Page: its api, view, list, table, toasts and info, and set(), remove(), groups(), minPosition(), changed(). */
  constructor(page) {
    this.page = page;
    this.draft = this.panel = null;
    addEventListener("beforeunload", (e) => this.draft?.dirty && e.preventDefault());
  }

  /** Opens a contact; fromURL: because the address says so, which then is left alone, as is the focus. */
  async open(id, fromURL = false) {
    const { page } = this;
    if (this.draft?.id === id && !this.draft.creating) return this.focus();
    this.leave();
    if (id === "new") return this.create();
    if (!fromURL || page.view.contact !== id) page.set({ contact: id });
    const draft = this.#begin();
    page.table.active = id;
    const loaded = draft.load(id, page.list.window?.byId.get(id));
    if (!fromURL) this.focus();
    await loaded;
  }

  /** A new contact, perhaps with the fields of another one. */
  create(from) {
    this.leave();
    this.#begin().create(from);
    this.page.set({ page: "contacts", contact: "new" });
    requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector("#f-firstName, #f-name")?.focus()));
  }

  async save() {
    if (await this.draft.save()) return;
    requestAnimationFrame(() => document.querySelector(".panel [aria-invalid=true], .conflict input[type=radio]")?.focus());
  }

  /** Closes the panel; quiet: the person said to drop what was typed. */
  close(quiet) {
    this.leave(quiet);
    this.page.set({ contact: "" });
    this.page.table.focus();
  }

  /** Lets go of the contact; what was typed and not saved can be had back. */
  leave(quiet = false) {
    const { draft, panel, page } = this;
    if (!draft) return;
    draft.closed = true;
    this.draft = this.panel = null;
    if (!draft.dirty || quiet) return;
    page.toasts.show(draft.creating ? "The new contact was not saved." : "Changes were not saved.", {
      lasts: 8000,
      action: {
        label: "Go back to them",
        run: () => {
          draft.closed = false;
          this.draft = draft;
          this.panel = panel;
          page.set({ contact: draft.creating ? "new" : draft.id });
          draft.refresh();
          page.changed();
        },
      },
    });
  }

  /** The connection is back: what could not be read is read. */
  retry() {
    if (this.draft?.status === "failed") this.draft.load(this.draft.id);
  }

  focus() {
    requestAnimationFrame(() => document.getElementById("panel-title")?.focus({ preventScroll: true }));
  }

  #begin() {
    const { page } = this;
    const { changed } = page;
    this.draft = new Draft({
      api: () => page.api,
      minPosition: () => page.minPosition(),
      changed: () => {
        changed();
        setTimeout(changed, LIT);
      },
      onSaved: (...saved) => this.#saved(...saved),
    });
    this.panel = new Panel(
      {
        api: () => page.api,
        open: (id) => this.open(id),
        close: (quiet) => this.close(quiet),
        save: () => this.save(),
        duplicate: (contact) => this.create(contact),
        remove: (contact) => page.remove(contact),
        changed,
        companies: (text) => page.groups("companies", "company", text),
        tags: (text) => page.groups("tags", "tag", text),
        info: () => page.info,
        toast: (text) => page.toasts.show(text, { lasts: 1800 }),
      },
      this.draft,
    );
    changed();
    return this.draft;
  }

  #saved(contact, position, created) {
    const { page } = this;
    page.written = later(page.written, position);
    page.table.steady(() => page.list.applyAnswer(contact, position));
    if (created) {
      page.table.active = contact.id;
      page.set({ contact: contact.id }, { replace: true });
      page.toasts.show(`${contact.fullName} created.`);
      requestAnimationFrame(() => page.table.reveal(contact.id));
    } else page.toasts.show("Saved.", { lasts: 2000 });
    page.changed();
  }
}
