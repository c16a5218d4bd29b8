// What just happened, for the eye and for the ear: rows that glow, rows that fade, the last change in
// words, and a sentence for screen readers.

import { count } from "./times.js";

const FLASH = 1400;
const FADE = 420;
const GHOSTS = 40; // more leaving at once is a purge, not a farewell
const FLASHES = 3000;
const PAUSE = 1500; // between two sentences to screen readers

const verbs = { "contact:created": "added", "contact:updated": "changed", "contact:deleted": "deleted" };

export class News {
  constructor(changed) {
    this.changed = changed;
    this.flashes = new Map(); // id → {source, what, changed, turn}
    this.ghosts = []; // {id, index, contact}
    this.last = null;
    this.announcement = "";
    this.untold = 0;
  }

  flash(id, frame) {
    const turn = (this.flashes.get(id)?.turn ?? 0) + 1; // another animation of the same look, so that it begins anew
    const flash = { source: frame.source === "direct" ? "direct" : "api", what: verbs[frame.event], changed: frame.changed ?? [], turn };
    if (this.flashes.size > FLASHES) this.flashes.clear();
    this.flashes.set(id, flash);
    setTimeout(() => {
      if (this.flashes.get(id) !== flash) return;
      this.flashes.delete(id);
      this.changed();
    }, FLASH);
  }

  fade(ghost) {
    if (this.ghosts.length > GHOSTS) return;
    this.ghosts.push(ghost);
    setTimeout(() => {
      this.ghosts = this.ghosts.filter((g) => g !== ghost);
      this.changed();
    }, FADE);
  }

  /** Keeps the last event, and tells it, in one sentence for many. */
  tell(frame) {
    if (!frame.contact) return;
    this.last = {
      name: frame.contact.fullName || "a contact",
      verb: verbs[frame.event],
      source: frame.source,
      at: frame.at,
      changed: frame.changed,
    };
    this.untold++;
    this.telling ??= setTimeout(() => {
      const { name, verb, source } = this.last;
      this.announcement =
        this.untold > 1 ? `${count(this.untold)} contacts changed.` : `${name} ${verb}${source === "direct" ? " in MongoDB" : ""}.`;
      this.untold = 0;
      this.telling = undefined;
      this.changed();
    }, PAUSE);
  }
}
