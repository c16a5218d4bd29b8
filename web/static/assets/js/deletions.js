// Deleting with a way back: the request is sent when the toast is over, so that undo gives the very
// same contact back. Leaving the page sends it at once.

import { comparePositions } from "./position.js";

export class Deletions {
  /** app: {api(), toasts, seen() → position up to which the page knows everything, changed(), onDeleted(id)}. */
  constructor(app) {
    this.app = app;
    this.pending = new Map(); // id → {contact, etag, toast}
    addEventListener("pagehide", () => {
      for (const id of [...this.pending.keys()]) this.#commit(id, true);
    });
  }

  has(id) {
    return this.pending.has(id);
  }

  get size() {
    return this.pending.size;
  }

  begin(contact) {
    const { app } = this;
    if (this.pending.has(contact.id)) return;
    const entry = { contact, after: app.seen() };
    this.pending.set(contact.id, entry);
    // Only what the person saw may be deleted: somebody's change meanwhile keeps the contact.
    entry.read = app
      .api()
      .get(`/contacts/${contact.id}`)
      .then(
        (r) => (entry.etag = r.etag),
        () => {},
      );
    entry.toast = app.toasts.show(`Deleted ${contact.fullName || "contact"}.`, {
      lasts: 6000,
      action: { label: "Undo", run: () => this.#keep(contact.id) },
      onEnd: () => this.#commit(contact.id),
    });
    app.changed();
  }

  /** An event about a contact: if somebody else works on it, it is not ours to delete any more. */
  handle(event) {
    const entry = event.contact && this.pending.get(event.contact.id);
    if (!entry || entry.sent || comparePositions(event.position, entry.after) <= 0) return; // perhaps our own edit of just before
    this.app.toasts.drop(entry.toast);
    if (event.event === "contact:deleted") {
      this.pending.delete(event.contact.id);
      return;
    }
    this.#keep(event.contact.id);
    this.app.toasts.show(`${event.contact.fullName} was changed just now by somebody else, so it was not deleted.`, { kind: "error" });
  }

  #keep(id) {
    this.pending.delete(id);
    this.app.changed();
  }

  async #commit(id, leaving = false) {
    const entry = this.pending.get(id);
    if (!entry || entry.sent) return;
    entry.sent = true;
    if (!leaving) await entry.read;
    try {
      await this.app.api().remove(id, entry.etag, leaving);
      this.app.onDeleted(id);
    } catch (e) {
      if (e.status === 404) this.app.onDeleted(id);
      else if (e.status === 412)
        this.app.toasts.show(`${entry.contact.fullName} was changed by somebody else, so it was not deleted.`, { kind: "error" });
      else this.app.toasts.show(`${entry.contact.fullName} could not be deleted: ${e.message}`, { kind: "error" });
    }
    this.pending.delete(id);
    this.app.changed();
  }
}
