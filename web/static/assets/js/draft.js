// One contact that is shown or edited: the version the edit began with, the edited version, and the
// changes in MongoDB meanwhile. No event discards an edit.

import { fields, withBlanks } from "./contact-fields.js";
import { isOutcomeUnknown, Problem, randomId } from "./http.js";
import { applyChoices, changedFields, findConflicts, createMergePatch, normalize, placeErrors, sameValue } from "./merge.js";
import { comparePositions } from "./position.js";

/** @import { Api } from "./http.js" */

/**
 * @typedef {object} DraftConfig
 * @property {Api} api
 * @property {() => MaybePosition} minPosition
 * @property {() => void} requestRender
 * @property {(draft: Draft, contact: Contact, position: MaybePosition, created: boolean) => void} onSaved
 */

export class Draft {
  /** @type {"loading" | "ready" | "saving" | "gone" | "failed"} */
  status = "loading";
  /** Empty for a contact that is not created yet. */
  id = "";
  /** The version the edit began with. @type {any} */
  base = null;
  /** The edited version. @type {any} */
  mine = null;
  /** A tag that is typed but not yet added. A save adds it. */
  typedTag = "";
  /** Set while there is a conflict. @type {FieldConflict[] | null} */
  conflicts = null;
  /** Where the conflicting change came from. @type {"api" | "direct" | undefined} */
  theirSource;
  /** Errors by JSON pointer. @type {Record<string, string>} */
  errors = {};
  message = "";
  /** The fields that the last change by others touched, and when. @type {{fields: string[], at: number}} */
  remoteChange = { fields: [], at: 0 };
  /** The panel was closed; a read that is under way is dropped. */
  closed = false;

  /** @type {DraftConfig} */
  #config;
  /** The version in MongoDB while there is a conflict. @type {any} */
  #theirs = null;
  /** @type {MaybePosition} */
  #position;
  /** The ETag of base; null if it is not known. @type {string | null} */
  #etag = null;
  #idempotencyKey = "";
  /** The new contact of an attempt whose answer was lost: it may exist by now. @type {any} */
  #unansweredContact = null;
  /** Events that arrived during a read or a save. @type {ContactEvent[]} */
  #queuedEvents = [];

  /** @param {DraftConfig} config */
  constructor(config) {
    this.#config = config;
  }

  get workspace() {
    return this.#config.api.workspace;
  }

  get creating() {
    return this.id === "";
  }

  get dirty() {
    return Boolean(this.mine) && changedFields(this.base, this.edited).length > 0;
  }

  /** What a save would send. Edited fields are normalized, the others are as they are in MongoDB. */
  get edited() {
    const mine = normalize({ ...this.mine, tags: [...(this.mine.tags ?? []), this.typedTag] });
    const base = normalize(this.base);
    for (const { name } of fields) if (sameValue(mine[name], base[name])) mine[name] = this.base[name];
    return mine;
  }

  get undecided() {
    return this.conflicts?.filter((c) => !c.choice).length ?? 0;
  }

  /**
   * Begins a new contact.
   *
   * @param {PartialContact} [from] fields to copy, but for the UID, which belongs to one contact
   */
  create(from = {}) {
    /** @type {Record<string, any>} */
    const copied = {};
    for (const { name } of fields) if (name in from && name !== "uid") copied[name] = /** @type {any} */ (from)[name];
    this.base = withBlanks({ kind: "person" });
    this.mine = withBlanks({ kind: from.kind ?? "person", ...copied });
    this.#idempotencyKey = randomId();
    this.status = "ready";
  }

  /**
   * Reads the contact. The row of the list, if there is one, is shown until then.
   *
   * @param {string} id
   * @param {Row} [row]
   */
  async load(id, row) {
    this.id = id;
    this.status = "loading";
    this.message = "";
    if (row) this.#adopt(row.contact, null, row.position);
    this.#config.requestRender();
    try {
      const answer = await this.#read();
      if (this.closed) return;
      if (this.mine) this.#mergeAnswer(answer);
      else this.#adopt(answer.body, answer.etag, answer.position);
      this.status = "ready";
    } catch (e) {
      this.status = e.status === 404 ? "gone" : "failed";
      this.message = e.status === 404 ? "This contact does not exist, or it was deleted." : e.message;
    }
    this.#applyQueuedEvents();
  }

  /**
   * Applies an event; events of other contacts are ignored.
   *
   * @param {ContactEvent} event
   */
  apply(event) {
    if (!this.id || (event.contact && event.contact.id !== this.id)) return;
    if (!event.contact) return void this.refresh();
    if (this.status === "saving" || this.status === "loading") return void this.#queuedEvents.push(event);
    if (comparePositions(event.position, this.#position) <= 0) return;
    this.#position = event.position;
    if (event.event === "contact:deleted") {
      this.status = "gone";
      this.message = event.reason === "moved" ? "This contact was moved to another workspace." : "Somebody deleted this contact.";
    } else {
      this.status = "ready";
      this.#etag = null; // events carry none; a save reads it
      this.#applyRemote(event.contact, event.source);
    }
    this.#config.requestRender();
  }

  /** Reads the contact again and merges the answer. */
  async refresh() {
    if (!this.id) return;
    try {
      this.#mergeAnswer(await this.#read());
    } catch (e) {
      if (e.status === 404) {
        this.status = "gone";
        this.message = "Somebody deleted this contact.";
      }
    }
    this.#config.requestRender();
  }

  /**
   * @param {string} name
   * @param {"mine" | "theirs"} side
   */
  choose(name, side) {
    for (const c of this.conflicts ?? []) if (c.name === name) c.choice = side;
    this.#config.requestRender();
  }

  /** @param {"mine" | "theirs"} side */
  chooseAll(side) {
    for (const c of this.conflicts ?? []) c.choice = side;
    this.#config.requestRender();
  }

  /** Discards the edit. */
  revert() {
    if (this.conflicts) this.base = withBlanks(this.#theirs);
    this.mine = structuredClone(this.base);
    this.typedTag = "";
    this.#clearConflicts();
    this.errors = {};
    this.message = "";
    this.#config.requestRender();
  }

  /**
   * Saves. Resolves with true if everything edited is now in MongoDB.
   *
   * @returns {Promise<boolean>}
   */
  async save() {
    if (this.status === "saving" || this.status === "loading" || this.undecided) return false;
    if (this.conflicts) this.#mergeChoices(this.conflicts);
    if (!this.creating && !this.dirty) return true;
    const { creating, edited } = this;
    const sent = (creating && this.#unansweredContact) || edited;
    const shown = structuredClone(this.mine);
    this.status = "saving";
    this.errors = {};
    this.message = "";
    this.#config.requestRender();
    try {
      const answer = creating ? await this.#post(sent) : await this.#patch(sent);
      if (!answer) return false; // a conflict is shown
      this.id = answer.body.id;
      const editedMeanwhile = createMergePatch(sent, this.edited);
      this.#adopt(answer.body, answer.etag, answer.position);
      this.typedTag = "";
      Object.assign(this.mine, withBlanks({ ...this.mine, ...editedMeanwhile }));
      this.status = "ready";
      this.#config.onSaved(this, answer.body, answer.position, creating);
    } catch (e) {
      this.status = e.status === 404 ? "gone" : "ready";
      this.message = e.status === 404 ? "Somebody deleted this contact." : e.message;
      if (e instanceof Problem) this.errors = placeErrors(e.fields, shown);
      return false;
    } finally {
      this.#applyQueuedEvents();
    }
    // An earlier attempt was repeated as it was sent. What was edited since then is saved now.
    return sent === edited || this.save();
  }

  /** @param {Record<string, string>} [headers] */
  #read(headers) {
    return this.#config.api.get(`/contacts/${this.id}`, { headers, minPosition: this.#config.minPosition() });
  }

  #applyQueuedEvents() {
    for (const event of this.#queuedEvents.splice(0)) this.apply(event);
    this.#config.requestRender();
  }

  /**
   * Creates the contact. If no answer comes, the contact may exist nevertheless. The next save then sends the same
   * contact with the same key, which creates it once, and learns its id.
   *
   * @param {any} contact
   */
  async #post(contact) {
    try {
      const answer = await this.#config.api.create(contact, this.#idempotencyKey);
      this.#unansweredContact = null;
      return answer;
    } catch (e) {
      if (isOutcomeUnknown(e)) this.#unansweredContact = contact;
      else if (e.status === 422) {
        this.#unansweredContact = null;
        this.#idempotencyKey = randomId(); // a corrected body needs another key
      }
      throw e;
    }
  }

  /**
   * @param {any} contact
   * @returns {Promise<ApiAnswer | null>} null if a conflict was found
   */
  async #patch(contact) {
    const patch = createMergePatch(this.base, contact);
    if (!this.#etag) {
      const current = await this.#read();
      if (changedFields(current.body, this.base).length) return this.#rebase(current);
      this.#etag = current.etag;
    }
    try {
      return await this.#config.api.patch(this.id, patch, this.#etag);
    } catch (e) {
      if (e.status !== 412) throw e;
      return this.#rebase(await this.#read({ "Cache-Control": "no-cache" }));
    }
  }

  /**
   * A save found a newer version: merges it instead.
   *
   * @param {ApiAnswer} current
   */
  #rebase(current) {
    this.status = "ready";
    this.#etag = current.etag;
    if (comparePositions(current.position, this.#position) > 0) this.#position = current.position;
    this.#applyRemote(current.body);
    if (!this.conflicts) this.message = "Somebody changed this contact just now. Save again.";
    return null;
  }

  /**
   * Merges an answer unless it is older than the version that is known.
   *
   * @param {ApiAnswer} answer
   */
  #mergeAnswer(answer) {
    if (comparePositions(answer.position, this.#position) < 0) return;
    this.#position = answer.position;
    this.#etag = answer.etag;
    this.#applyRemote(answer.body);
  }

  /**
   * Merges a version from MongoDB: it replaces an unedited contact and may conflict with an edited one.
   *
   * @param {Contact} contact
   * @param {"api" | "direct"} [source]
   */
  #applyRemote(contact, source) {
    const changed = changedFields(this.conflicts ? this.#theirs : this.base, contact);
    this.remoteChange = { fields: changed, at: Date.now() };
    if (!changed.length && !this.conflicts) {
      this.base = { ...this.base, updatedAt: contact.updatedAt };
      return;
    }
    const conflicts = this.dirty ? findConflicts(this.base, this.edited, contact) : [];
    for (const c of conflicts) {
      const before = this.conflicts?.find((other) => other.name === c.name);
      if (before?.choice && !changed.includes(c.name)) c.choice = before.choice;
    }
    if (conflicts.some((c) => c.choice !== "theirs")) {
      this.#theirs = contact;
      this.theirSource = source ?? this.theirSource;
      this.conflicts = conflicts;
      this.errors = {}; // they belong to another version; a save reports them again
      this.message = "";
      return;
    }
    this.#clearConflicts();
    this.base = withBlanks(contact);
    this.mine = withBlanks(contact);
  }

  /**
   * Continues the edit with the chosen values.
   *
   * @param {FieldConflict[]} conflicts
   */
  #mergeChoices(conflicts) {
    this.mine = withBlanks(applyChoices(this.#theirs, conflicts));
    this.base = withBlanks(this.#theirs);
    this.#clearConflicts();
    this.#config.requestRender();
  }

  #clearConflicts() {
    this.conflicts = null;
    this.#theirs = null;
  }

  /**
   * Replaces everything by a version from MongoDB.
   *
   * @param {Contact} contact
   * @param {string | null} etag
   * @param {MaybePosition} position
   */
  #adopt(contact, etag, position) {
    this.base = withBlanks(contact);
    this.mine = withBlanks(contact);
    this.#etag = etag;
    this.#position = position;
    this.#clearConflicts();
  }
}
