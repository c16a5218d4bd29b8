// The table: only the rows in sight are in the document. It is a grid with one stop for Tab; which row
// is active is told by aria-activedescendant, so the focus cannot get lost when rows move or leave.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { icon } from "./icons.js";
import { segments } from "./mark.js";
import { ago, full } from "./times.js";

const columns = [
  ["name", "Name", "name"],
  ["company", "Company", "company"],
  ["email", "E-mail"],
  ["phone", "Phone"],
  ["tags", "Tags"],
  ["updated", "Updated", "updatedAt"],
];
const cellOf = {
  firstName: "name",
  lastName: "name",
  name: "name",
  kind: "name",
  company: "company",
  email: "email",
  phone: "phone",
  tags: "tags",
};
const AHEAD = 8; // rows kept beyond either end of what is in sight

/** One of eight tints, the same for the same text. */
export const hue = (s) => [...s].reduce((h, c) => (h * 31 + c.codePointAt(0)) >>> 0, 7) % 8;
const initials = (c) => {
  const parts = (c.fullName || "?").split(/\s+/).filter(Boolean);
  return ((parts[0] ? [...parts[0]][0] : "?") + (parts.length > 1 ? [...parts[parts.length - 1]][0] : "")).toUpperCase();
};

export const avatar = (c, size = "") =>
  html`<span class="avatar ${size} hue-${hue(c.fullName || "")} ${c.kind}" aria-hidden="true"
    >${c.kind === "organization" ? icon("organization") : initials(c)}</span
  >`;

const marked = (text, words, whole) => segments(text, words, whole).map((s) => (s.hit ? html`<mark>${s.text}</mark>` : s.text));

/** The part of a long text around the first word that was looked for; empty if none is in it. */
function snippet(text, words) {
  const parts = segments(text, words, true);
  const hit = parts.findIndex((p) => p.hit);
  if (hit < 0) return "";
  const at = parts.slice(0, hit).reduce((n, p) => n + p.text.length, 0);
  return `${at > 24 ? "…" : ""}${text.slice(at > 24 ? at - 20 : 0, at + 80)}`;
}

export class Table {
  /** app: {rows(), total(), complete(), loaded(), view, words(), whole() → the words were looked for as whole ones, flashes, ghosts, selected, want(index), open(id), sort(field), remove(id), changed()}. */
  constructor(app) {
    this.app = app;
    this.active = ""; // id of the active row
    this.top = 0;
    this.height = 800;
    this.still = true; // no gliding: the rows did not move, the view did
    const phone = matchMedia("(max-width: 760px)");
    const measure = () => {
      this.rowHeight = phone.matches ? 62 : 42;
      app.changed();
    };
    phone.addEventListener("change", measure);
    this.rowHeight = phone.matches ? 62 : 42;
  }

  view() {
    const { app, rowHeight } = this;
    const rows = app.rows();
    const all = Math.max(rows.length, app.complete() ? 0 : Math.min(app.total() ?? rows.length + 20, 700000));
    const first = Math.max(0, Math.floor(this.top / rowHeight) - AHEAD);
    const last = Math.min(all, Math.ceil((this.top + this.height) / rowHeight) + AHEAD);
    if (!app.complete() && app.loaded() && last + 60 > rows.length) queueMicrotask(() => app.want(last + 60));
    const shown = [];
    for (let i = first; i < Math.min(last, rows.length); i++) shown.push({ index: i, row: rows[i], id: rows[i].id });
    const at = this.active ? rows.findIndex((r) => r.id === this.active) : -1;
    if (at >= 0 && (at < first || at >= last)) shown.push({ index: at, row: rows[at], id: this.active }); // it must exist to be pointed at
    const missing = Math.max(0, last - Math.max(first, rows.length));
    const now = Date.now();
    const words = app.words();
    return html`<div
      class="grid ${this.still ? "still" : ""} ${app.whole() ? "searching" : ""}"
      role="grid"
      id="grid"
      aria-label="Contacts"
      aria-rowcount=${app.complete() ? rows.length + 1 : (app.total() ?? -2) + 1}
      aria-colcount=${columns.length}
      tabindex="0"
      aria-activedescendant=${at >= 0 ? `row-${this.active}` : nothing}
      aria-busy=${!app.loaded()}
      @scroll=${this.#scrolled}
      @keydown=${this.#key}
      @click=${this.#click}
    >
      <div role="rowgroup" class="head"><div role="row" aria-rowindex="1" class="row">${columns.map((c) => this.#header(c))}</div></div>
      <div role="rowgroup" class="body" .style=${`height:${all * rowHeight}px`}>
        ${repeat(
          shown,
          (s) => s.id,
          (s) => this.#row(s, at, words, now),
        )}
        ${repeat(
          app.ghosts,
          (g) => `ghost-${g.id}`,
          (g) =>
            html`<div class="row leaving" aria-hidden="true" .style=${`transform:translateY(${g.index * rowHeight}px)`}>
              ${this.#cells(g.contact, [], undefined, now)}
            </div>`,
        )}
        ${Array.from({ length: Math.min(missing, 60) }, (_, i) => html`<div class="row skeleton" aria-hidden="true" .style=${`transform:translateY(${(Math.max(first, rows.length) + i) * rowHeight}px)`}><i></i><i></i><i></i></div>`)}
      </div>
    </div>`;
  }

  /** Calls f, which changes the rows, and keeps what is in sight where it is unless sight is at the top. */
  steady(f) {
    const grid = document.getElementById("grid");
    const before = this.app.rows();
    const i = Math.floor(this.top / this.rowHeight);
    const anchor = this.top > this.rowHeight * 1.5 ? before[i]?.id : undefined;
    f();
    if (!anchor || !grid) return;
    const j = this.app.rows().findIndex((r) => r.id === anchor);
    if (j < 0 || j === i) return;
    this.still = true;
    this.top += (j - i) * this.rowHeight;
    this.scrollTo = this.top;
  }

  /** To be called after each rendering. */
  rendered() {
    const grid = document.getElementById("grid");
    if (!grid) return;
    if (this.scrollTo !== undefined) {
      grid.scrollTop = this.scrollTo;
      this.scrollTo = undefined;
    }
    if (this.observed !== grid) {
      this.observed = grid;
      new ResizeObserver(() => {
        this.height = grid.clientHeight;
        this.app.changed();
      }).observe(grid);
    }
    if (this.still)
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          this.still = false;
          grid.classList.remove("still");
        }),
      );
  }

  /** Back to the beginning, for another view. */
  reset() {
    this.still = true;
    this.top = 0;
    this.scrollTo = 0;
  }

  focus() {
    document.getElementById("grid")?.focus({ preventScroll: true });
  }

  reveal(id) {
    const i = this.app.rows().findIndex((r) => r.id === id);
    if (i < 0) return;
    this.active = id;
    const room = this.height - this.rowHeight - 34; // 34: the header row
    if (i * this.rowHeight < this.top) this.scrollTo = this.top = i * this.rowHeight;
    else if (i * this.rowHeight > this.top + room) this.scrollTo = this.top = i * this.rowHeight - room;
    this.app.changed();
  }

  #header([name, text, sort]) {
    const current = this.app.view.sort.replace("-", "") === sort && !this.app.view.q;
    const down = this.app.view.sort.startsWith("-");
    if (!sort) return html`<div role="columnheader" class="cell ${name}">${text}</div>`;
    return html`<div role="columnheader" class="cell ${name}" aria-sort=${current ? (down ? "descending" : "ascending") : "none"}>
      <button type="button" class="sort ${current ? "on" : ""}" @click=${(e) => (e.stopPropagation(), this.app.sort(sort))}>
        ${text}${current ? icon(down ? "down" : "up") : ""}
      </button>
    </div>`;
  }

  #row({ index, row, id }, activeIndex, words, now) {
    const flash = this.app.flashes.get(id);
    const state = [
      index === activeIndex ? "active" : "",
      id === this.app.selected() ? "selected" : "",
      flash ? `flash ${flash.source} ${flash.what} turn-${flash.turn % 2}` : "",
    ].join(" ");
    return html`<div
      role="row"
      class="row ${state}"
      id="row-${id}"
      data-id=${id}
      aria-rowindex=${index + 2}
      aria-selected=${id === this.app.selected()}
      .style=${`transform:translateY(${index * this.rowHeight}px)`}
    >
      ${this.#cells(row.contact, words, flash, now)}
    </div>`;
  }

  #cells(c, words, flash, now) {
    const lit = new Set((flash?.changed ?? []).map((f) => cellOf[f]).filter(Boolean));
    const cell = (name, content) => html`<div role="gridcell" class="cell ${name} ${lit.has(name) ? "lit" : ""}">${content}</div>`;
    return [
      cell(
        "name",
        html`${avatar(c)}<span class="text"
            ><span class="fullname" dir="auto">${marked(c.fullName || "(no name)", words, this.app.whole())}</span
            >${this.app.whole() && c.notes ? html`<small class="snippet" dir="auto">${marked(snippet(c.notes, words), words, true)}</small>` : ""}</span
          >`,
      ),
      cell("company", html`<span class="text" dir="auto">${c.company ?? ""}</span>`),
      cell("email", html`<span class="text">${c.email ?? ""}</span>`),
      cell("phone", html`<span class="text">${c.phone ?? ""}</span>`),
      cell(
        "tags",
        (c.tags ?? []).slice(0, 4).map((t) => html`<span class="chip hue-${hue(t)}" dir="auto">${t}</span>`),
      ),
      cell("updated", html`<time datetime=${c.updatedAt ?? ""} title=${full(c.updatedAt)}>${ago(c.updatedAt, now)}</time>`),
    ];
  }

  #scrolled = (e) => {
    this.top = e.target.scrollTop;
    this.height = e.target.clientHeight;
    this.still = true;
    e.target.classList.add("still");
    this.app.changed();
  };

  #click = (e) => {
    const id = e.target.closest(".row[data-id]")?.dataset.id;
    if (!id || String(getSelection()).length > 0) return;
    this.active = id;
    this.app.open(id);
  };

  #key = (e) => {
    if (e.target !== e.currentTarget || e.altKey || e.ctrlKey || e.metaKey) return;
    const rows = this.app.rows();
    const at = rows.findIndex((r) => r.id === this.active);
    const page = Math.max(1, Math.floor(this.height / this.rowHeight) - 2);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }[e.key];
    if (to !== undefined) {
      e.preventDefault();
      const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
      if (row) this.reveal(row.id);
      if (e.key === "End" && !this.app.complete()) this.app.want(Infinity).then(() => this.reveal(this.app.rows().at(-1)?.id));
    } else if ((e.key === "Enter" || e.key === " ") && at >= 0) {
      e.preventDefault();
      this.app.open(this.active);
    } else if (e.key === "Delete" && at >= 0) {
      e.preventDefault();
      const next = rows[at + 1] ?? rows[at - 1];
      this.app.remove(rows[at].contact);
      if (next) this.reveal(next.id);
    }
  };
}
