// Deletions that can be undone: the request is sent when the toast with "Undo" ends, so that the undone
// deletion leaves the same contact. Leaving the page sends the request at once.

import { comparePositions } from "./position.js";
import { isOnlyDerived } from "./recent-changes.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */
/** @import { Toast, Toasts } from "./toasts.js" */

const UNDO_TIME = 6000;

/**
 * @typedef {object} Deletion
 * @property {Api} api
 * @property {Contact} contact
 * @property {MaybePosition} knownUpTo the page knew every change up to this position
 * @property {Promise<string | null>} etag of the version that was deleted
 * @property {string | null} readEtag the same, once it is there
 * @property {Toast} [toast]
 * @property {boolean} sent
 * @property {(undone: boolean) => void} [onKept] the contact is not deleted: the person undid it, or something prevented it
 */

/**
 * @typedef {object} DeletionsConfig
 * @property {() => Api} api
 * @property {Toasts} toasts
 * @property {() => MaybePosition} minPosition
 * @property {(id: string) => void} onDeleted
 * @property {() => void} requestRender
 */

export class Deletions {
  /** @type {DeletionsConfig} */
  #config;
  /** By contact id. @type {Map<string, Deletion>} */
  #pending = new Map();

  /** @param {DeletionsConfig} config */
  constructor(config) {
    this.#config = config;
    addEventListener("pagehide", () => {
      for (const [id, { toast }] of [...this.#pending]) {
        if (toast) config.toasts.remove(toast); // the page may come back, but the deletion cannot be undone any more
        this.#send(id, true);
      }
    });
  }

  /** @param {string} id */
  has(id) {
    return this.#pending.has(id);
  }

  get size() {
    return this.#pending.size;
  }

  /**
   * @param {Contact} contact
   * @param {(undone: boolean) => void} [onKept] the contact is not deleted: the person undid it, or something prevented it
   */
  start(contact, onKept) {
    const { api, toasts, minPosition, requestRender } = this.#config;
    const { id } = contact;
    if (this.#pending.has(id)) return;
    const workspaceApi = api();
    // The ETag makes sure that only the version on screen is deleted. A change meanwhile keeps the contact.
    const etag = workspaceApi.get(`/contacts/${id}`).then(
      (answer) => answer.etag,
      () => null,
    );
    /** @type {Deletion} */
    const deletion = { api: workspaceApi, contact, knownUpTo: minPosition(), etag, readEtag: null, sent: false, onKept };
    etag.then((value) => (deletion.readEtag = value));
    this.#pending.set(id, deletion);
    deletion.toast = toasts.show(t.deletions.deleted(contact.fullName || t.common.contact), {
      duration: UNDO_TIME,
      action: { label: t.deletions.undo, run: () => this.#cancel(id, true) },
      onEnd: () => this.#send(id),
    });
    requestRender();
  }

  /**
   * Cancels a deletion if somebody else changed the contact meanwhile.
   *
   * @param {ContactEvent} event
   */
  apply(event) {
    const deletion = event.contact && this.#pending.get(event.contact.id);
    if (!event.contact || !deletion || deletion.sent || isOnlyDerived(event)) return;
    if (comparePositions(event.position, deletion.knownUpTo) <= 0) return; // perhaps an edit by this page
    const { toasts } = this.#config;
    if (deletion.toast) toasts.remove(deletion.toast);
    if (event.event === "contact:deleted") {
      this.#pending.delete(event.contact.id);
      return;
    }
    this.#cancel(event.contact.id, false);
    toasts.show(t.deletions.keptChanged(event.contact.fullName ?? ""), { kind: "error" });
  }

  /**
   * @param {string} id
   * @param {boolean} undone by the person
   */
  #cancel(id, undone) {
    const deletion = this.#pending.get(id);
    this.#pending.delete(id);
    deletion?.onKept?.(undone);
    this.#config.requestRender();
  }

  /**
   * @param {string} id
   * @param {boolean} [leaving] the page is being left: there is no time to wait for the ETag
   */
  async #send(id, leaving = false) {
    const deletion = this.#pending.get(id);
    if (!deletion || deletion.sent) return;
    deletion.sent = true;
    const { toasts, onDeleted, requestRender } = this.#config;
    const etag = leaving ? deletion.readEtag : await deletion.etag;
    try {
      await deletion.api.remove(id, etag, leaving);
      onDeleted(id);
    } catch (e) {
      const name = deletion.contact.fullName ?? "";
      if (e.status !== 404) deletion.onKept?.(false);
      if (e.status === 404) onDeleted(id);
      else if (e.status === 412) toasts.show(t.deletions.keptChanged(name), { kind: "error" });
      else toasts.show(t.deletions.failed(name, e.message), { kind: "error" });
    }
    this.#pending.delete(id);
    requestRender();
  }
}
