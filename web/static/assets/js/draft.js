// One contact that is shown or edited: the version in MongoDB and the edited one. Changes in MongoDB are merged into
// the edit field by field. No event discards an edit.

import { fields, withBlanks } from "./contact-fields.js";
import { isOutcomeUnknown, Problem, randomId, Unreachable } from "./http.js";
import { changedFields, createMergePatch, normalize, placeErrors, rebase, sameValue } from "./merge.js";
import { comparePositions, laterPosition } from "./position.js";
import { addTags } from "./tags.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */

const MAX_ATTEMPTS = 20; // of one save, while others change the contact between read and write
export const HIGHLIGHT_TIME = 1600; // how long a field stays highlighted after somebody else changed it, in milliseconds

/**
 * What a save sent.
 *
 * @typedef {object} Snapshot
 * @property {any} contact normalized
 * @property {any} shown the same contact as it was in the form
 * @property {string} typedTag
 */

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
  /** The newest known version in MongoDB. @type {any} */
  base = null;
  /** The edited version. @type {any} */
  mine = null;
  /** A tag that is typed but not yet added. A save adds it. */
  typedTag = "";
  /**
   * The fields that were edited here and changed in MongoDB meanwhile, each with the source of that change. The person
   * decides.
   *
   * @type {Map<string, "api" | "direct" | undefined>}
   */
  conflicts = new Map();
  /** Errors by JSON pointer. @type {Record<string, string>} */
  errors = {};
  message = "";
  /** The panel was closed; a read that is under way is dropped. */
  closed = false;

  /** @type {DraftConfig} */
  #config;
  /** @type {MaybePosition} */
  #position;
  /** When others last changed a field, by its name. @type {Map<string, number>} */
  #remoteChanges = new Map();
  /** The ETag of base; null if it is not known. @type {string | null} */
  #etag = null;
  #idempotencyKey = "";
  /** The creation whose answer was lost: the contact may exist by now. @type {Snapshot | null} */
  #unanswered = null;
  /** The last save found no server. */
  #unreachable = false;
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

  /** Whether somebody else changed a field just now. @param {string} name */
  isHighlighted(name) {
    return Date.now() - (this.#remoteChanges.get(name) ?? 0) < HIGHLIGHT_TIME;
  }

  /** What a save would send. Edited fields are normalized, the others are as they are in MongoDB. */
  get edited() {
    const mine = normalize({ ...this.mine, tags: addTags(this.mine.tags ?? [], this.typedTag) });
    const base = normalize(this.base);
    for (const { name } of fields) if (sameValue(mine[name], base[name])) mine[name] = this.base[name];
    return mine;
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
      this.message = e.status === 404 ? t.panel.notThere : e.message;
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
      this.message = event.reason === "moved" ? t.panel.moved : t.panel.deletedByOthers;
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
        this.message = t.panel.deletedByOthers;
      }
    }
    this.#config.requestRender();
  }

  /**
   * Decides the conflict of a field.
   *
   * @param {string} name
   * @param {"mine" | "theirs"} side
   */
  choose(name, side) {
    this.conflicts.delete(name);
    if (side === "theirs") this.mine[name] = structuredClone(this.base[name]);
    this.#config.requestRender();
  }

  /** The server answers again: its absence is no longer the message. */
  connected() {
    if (!this.#unreachable) return;
    this.#unreachable = false;
    this.message = "";
  }

  /** Discards the edit. */
  revert() {
    this.mine = structuredClone(this.base);
    this.typedTag = "";
    this.conflicts.clear();
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
    if (this.status === "saving" || this.status === "loading" || this.conflicts.size) return false;
    if (!this.creating && !this.dirty) return true;
    const { creating } = this;
    const earlier = this.#unanswered;
    this.status = "saving";
    this.errors = {};
    this.message = "";
    this.#unreachable = false;
    this.#config.requestRender();
    try {
      if (!(creating ? await this.#create() : await this.#update())) return false;
    } catch (e) {
      this.#fail(e);
      return false;
    } finally {
      if (this.status === "saving") this.status = "ready";
      this.#applyQueuedEvents();
    }
    // An earlier attempt was repeated as it was sent. What was edited since then is saved now.
    return creating && earlier ? this.save() : true;
  }

  /** @param {any} e the error of a save */
  #fail(e) {
    this.status = e.status === 404 ? "gone" : "ready";
    this.message = e.status === 404 ? t.panel.deletedByOthers : e.message;
    this.#unreachable = e instanceof Unreachable;
    if (e instanceof Problem) this.errors = placeErrors(e.fields, this.mine);
  }

  /** @returns {Snapshot} */
  #snapshot() {
    return { contact: this.edited, shown: structuredClone(this.mine), typedTag: this.typedTag };
  }

  /** @param {Record<string, string>} [headers] */
  #read(headers) {
    const minPosition = laterPosition(this.#config.minPosition(), this.#position);
    return this.#config.api.get(`/contacts/${this.id}`, { headers, minPosition });
  }

  #applyQueuedEvents() {
    for (const event of this.#queuedEvents.splice(0)) this.apply(event);
    this.#config.requestRender();
  }

  /**
   * Creates the contact. If no answer comes, the contact may exist nevertheless. The next save then sends the same
   * contact with the same key, which creates it once, and learns its id.
   */
  async #create() {
    const sent = this.#unanswered ?? this.#snapshot();
    try {
      const answer = await this.#config.api.create(sent.contact, this.#idempotencyKey);
      this.#unanswered = null;
      this.id = answer.body.id;
      this.#adoptSaved(answer, sent);
      this.#config.onSaved(this, answer.body, answer.position, true);
      return true;
    } catch (e) {
      if (isOutcomeUnknown(e)) this.#unanswered = sent;
      else if (e.status === 422) {
        this.#unanswered = null;
        this.#idempotencyKey = randomId(); // a corrected body needs another key
      }
      throw e;
    }
  }

  /**
   * Writes the edited fields over the newest version. Where that changes meanwhile, it is merged and the write repeated.
   *
   * @returns {Promise<boolean>} false if the person has to decide something first
   */
  async #update() {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (!this.#etag) this.#mergeAnswer(await this.#read(attempt ? { "Cache-Control": "no-cache" } : undefined));
      if (this.conflicts.size) return false;
      if (!this.dirty) return true; // somebody made the same edit
      if (!this.#etag) continue; // the answer was older than what is known
      const sent = this.#snapshot();
      try {
        const answer = await this.#config.api.patch(this.id, createMergePatch(this.base, sent.contact), this.#etag);
        this.#adoptSaved(answer, sent);
        this.#config.onSaved(this, answer.body, answer.position, false);
        return true;
      } catch (e) {
        if (e.status !== 412) throw e;
        this.#etag = null;
      }
    }
    this.message = t.panel.changesAgain;
    return false;
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
   * Merges a version from MongoDB: fields that are not edited here get its values.
   *
   * @param {Contact} contact
   * @param {"api" | "direct"} [source]
   */
  #applyRemote(contact, source) {
    const theirs = withBlanks(contact);
    const changed = changedFields(this.base, theirs);
    const { mine, conflicts } = rebase(this.base, this.mine, theirs);
    this.base = theirs;
    this.mine = mine;
    for (const name of changed) this.#remoteChanges.set(name, Date.now());
    for (const name of conflicts) this.conflicts.set(name, source);
    const edited = normalize(mine);
    for (const name of this.conflicts.keys()) if (sameValue(edited[name], theirs[name])) this.conflicts.delete(name);
    for (const pointer of Object.keys(this.errors)) if (changed.includes(pointer.split("/")[1])) delete this.errors[pointer];
  }

  /**
   * The answer of a save. What was edited while it was under way stays edited.
   *
   * @param {ApiAnswer} answer
   * @param {Snapshot} sent
   */
  #adoptSaved({ body, etag, position }, { shown, typedTag }) {
    const typed = this.mine;
    this.#adopt(body, etag, position);
    const kept = fields.map(({ name }) => name).filter((name) => !sameValue(typed[name], shown[name]));
    for (const name of kept) this.mine[name] = typed[name];
    if (this.typedTag === typedTag && !kept.includes("tags")) this.typedTag = "";
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
    this.conflicts.clear();
  }
}
