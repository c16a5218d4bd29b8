// One contact being looked at or edited: the version it began with, what was typed, and what became of
// it in MongoDB meanwhile. Nothing typed is ever thrown away by an event.

import { comparePositions } from "./position.js";
import { conflicts, differences, fields, mergePatch, resolve, same, tidy } from "./merge.js";
import { randomId, Problem } from "./http.js";

const blank = {
  firstName: "",
  lastName: "",
  name: "",
  email: "",
  phone: "",
  company: "",
  organizationId: "",
  tags: [],
  addresses: [],
  notes: "",
  owner: "",
};
const open = (c) => ({ ...structuredClone(blank), ...structuredClone(c) });

export class Draft {
  /** config: {api(), minPosition(), changed(), onSaved(contact, position, created)}. */
  constructor(config) {
    Object.assign(this, config);
    this.status = "loading"; // "ready", "saving", "gone", "failed"
    this.id = "";
    this.base = null;
    this.mine = null;
    this.theirs = null; // set while there is a conflict, with this.conflict
    this.conflict = null;
    this.fields = {}; // JSON pointer → what is wrong there
    this.message = "";
    this.touched = []; // fields that somebody else just changed, to be lit
    this.held = []; // events that came while a save was under way
  }

  get creating() {
    return this.id === "";
  }

  get dirty() {
    return Boolean(this.mine) && differences(this.base, this.typed).length > 0;
  }

  /** What a save would send: tidied where something was typed, and as it is in MongoDB everywhere else. */
  get typed() {
    const mine = tidy(this.mine);
    const base = tidy(this.base);
    for (const [name] of fields) if (same(mine[name], base[name])) mine[name] = this.base[name];
    return mine;
  }

  /** A new contact, perhaps with fields of another one. */
  create(from = {}) {
    const { id, workspace, fullName, createdAt, updatedAt, score, organization, ...copied } = from;
    this.base = open({ kind: "person" });
    this.mine = open({ kind: "person", ...copied });
    this.key = randomId();
    this.status = "ready";
    return this;
  }

  /** Reads the contact; row, if the list has it, is what is shown until then: {contact, position}. */
  async load(id, row) {
    this.id = id;
    this.status = "loading";
    this.message = "";
    if (row) this.#settle(row.contact, null, row.position);
    this.changed();
    try {
      const answer = await this.api().get(`/contacts/${id}`, { minPosition: this.minPosition() });
      if (this.closed) return;
      if (this.mine) this.#newer(answer);
      else this.#settle(answer.body, answer.etag, answer.position);
      this.status = "ready";
    } catch (e) {
      this.status = e.status === 404 ? "gone" : "failed";
      this.message = e.status === 404 ? "There is no such contact here, or no longer." : e.message;
    }
    this.#release();
  }

  /** An event about this contact, or about any other, which is ignored. */
  handle(event) {
    if (!this.id || (event.contact && event.contact.id !== this.id)) return;
    if (!event.contact) return void this.refresh();
    if (this.status === "saving" || this.status === "loading") return void this.held.push(event);
    if (comparePositions(event.position, this.position) <= 0) return;
    this.position = event.position;
    if (event.event === "contact:deleted") {
      this.status = "gone";
      this.message = event.reason === "moved" ? `It was moved to another workspace.` : "Somebody deleted this contact.";
    } else {
      this.status = "ready";
      this.etag = null; // events carry none; it is read again when it is needed
      this.#theyWrote(event.contact, event.source);
    }
    this.changed();
  }

  /** Reads the contact again and merges what came. */
  async refresh() {
    if (!this.id) return;
    const answer = await this.api()
      .get(`/contacts/${this.id}`, { minPosition: this.minPosition() })
      .catch((e) => e);
    if (answer.status === 404) {
      this.status = "gone";
      this.message = "Somebody deleted this contact.";
    } else if (answer.body) this.#newer(answer);
    this.changed();
  }

  // An answer that shows at least what is known already.
  #newer(answer) {
    if (comparePositions(answer.position, this.position) < 0) return;
    this.position = answer.position;
    this.etag = answer.etag;
    this.#theyWrote(answer.body);
  }

  choose(name, side) {
    this.conflict.find((c) => c.name === name).choice = side;
    this.changed();
  }

  chooseAll(side) {
    for (const c of this.conflict) c.choice = side;
    this.changed();
  }

  get undecided() {
    return this.conflict?.filter((c) => !c.choice).length ?? 0;
  }

  revert() {
    if (this.conflict) this.base = open(this.theirs);
    this.mine = structuredClone(this.base);
    this.conflict = this.theirs = null;
    this.fields = {};
    this.message = "";
    this.changed();
  }

  /** Takes what was chosen; there is nothing to choose any more, and perhaps something to save. */
  decide() {
    this.mine = open(resolve(this.theirs, this.conflict));
    this.base = open(this.theirs);
    this.conflict = this.theirs = null;
    this.changed();
  }

  /** Saves. Resolves true if everything typed is in MongoDB now. */
  async save() {
    if (this.status === "saving" || this.status === "loading" || this.undecided) return false;
    if (this.conflict) this.decide();
    if (!this.creating && !this.dirty) return true;
    const sent = this.typed;
    this.status = "saving";
    this.fields = {};
    this.message = "";
    this.changed();
    try {
      const created = this.creating;
      const answer = created ? await this.#post(sent) : await this.#patch(sent);
      if (!answer) return false; // a conflict is shown
      this.id = answer.body.id;
      const typedMeanwhile = differences(sent, this.typed).length > 0 ? this.typed : null;
      const patch = typedMeanwhile && mergePatch(sent, typedMeanwhile);
      this.#settle(answer.body, answer.etag, answer.position);
      if (patch) Object.assign(this.mine, open({ ...this.mine, ...patch }));
      this.status = "ready";
      this.onSaved(answer.body, answer.position, created);
      return true;
    } catch (e) {
      this.status = e.status === 404 ? "gone" : "ready";
      this.message = e.status === 404 ? "Somebody deleted this contact." : e.message;
      if (e instanceof Problem) this.fields = e.fields;
      return false;
    } finally {
      this.#release();
    }
  }

  #release() {
    for (const event of this.held.splice(0)) this.handle(event);
    this.changed();
  }

  #post(sent) {
    return this.api()
      .create(sent, this.key)
      .catch((e) => {
        if (e instanceof Problem && e.status === 422) this.key = randomId(); // another body needs another key
        throw e;
      });
  }

  async #patch(sent) {
    const patch = mergePatch(this.base, sent);
    if (!this.etag) {
      const now = await this.api().get(`/contacts/${this.id}`, { minPosition: this.minPosition() });
      if (differences(now.body, this.base).length) return this.#overtaken(now);
      this.etag = now.etag;
    }
    try {
      return await this.api().patch(this.id, patch, this.etag);
    } catch (e) {
      if (e.status !== 412) throw e;
      return this.#overtaken(
        await this.api().get(`/contacts/${this.id}`, { headers: { "Cache-Control": "no-cache" }, minPosition: this.minPosition() }),
      );
    }
  }

  #overtaken(now) {
    this.status = "ready";
    this.etag = now.etag;
    if (comparePositions(now.position, this.position) > 0) this.position = now.position;
    this.#theyWrote(now.body);
    if (!this.conflict) this.message = "Somebody changed this contact just now. Save again.";
    return null;
  }

  #theyWrote(contact, source) {
    this.touched = differences(this.conflict ? this.theirs : this.base, contact);
    this.touchedAt = Date.now();
    if (!this.touched.length && !this.conflict) {
      this.base = { ...this.base, updatedAt: contact.updatedAt };
      return;
    }
    const mine = this.typed;
    const chosen = new Map(this.conflict?.map((c) => [c.name, c]));
    const list = this.dirty ? conflicts(this.base, mine, contact) : [];
    for (const c of list) {
      const before = chosen.get(c.name);
      if (before?.choice && !this.touched.includes(c.name)) c.choice = before.choice;
    }
    if (list.some((c) => c.choice !== "theirs")) {
      this.theirs = contact;
      this.theirSource = source ?? this.theirSource;
      this.conflict = list;
      this.fields = {}; // of another version; saving asks again
      this.message = "";
      return;
    }
    this.conflict = this.theirs = null;
    this.base = open(contact);
    this.mine = open(contact);
  }

  #settle(contact, etag, position) {
    this.base = open(contact);
    this.mine = open(contact);
    this.etag = etag;
    this.position = position;
    this.conflict = this.theirs = null;
  }
}
