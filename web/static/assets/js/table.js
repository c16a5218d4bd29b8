// The table of contacts. Only the visible rows are in the document. The focus stays on the grid;
// aria-activedescendant names the active row, so the focus is not lost when rows move or leave.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { avatar, hue } from "./avatar.js";
import { fullTime, timeAgo } from "./format.js";
import { icon } from "./icons.js";
import { marked } from "./marked.js";
import { t } from "./texts.js";

/** @import { Texts } from "./texts.js" */

/** @typedef {keyof Texts["list"]["columns"]} ColumnName */

/** The name of each column, and its sort if the list can be sorted by the column. @type {[name: ColumnName, sort?: string][]} */
const columns = [["name", "name"], ["company", "company"], ["email"], ["phone"], ["tags"], ["updated", "updatedAt"]];
/** The column that shows a field. @type {Record<string, string>} */
const columnOf = {
  ...Object.fromEntries(
    ["kind", "prefix", "firstName", "middleName", "lastName", "suffix", "nickname", "name"].map((field) => [field, "name"]),
  ),
  company: "company",
  emails: "email",
  phones: "phone",
  tags: "tags",
};
const OVERSCAN = 8; // rows rendered beyond either end of the visible ones
const READ_AHEAD = 60; // rows read beyond the visible ones
const MAX_SKELETONS = 60;
const MAX_ROWS = 700000; // browsers limit the height of an element
const ROW_HEIGHT = 42;
const PHONE_ROW_HEIGHT = 62;
const HEADER_HEIGHT = 34;

/** How many entries a list has beside the one that is shown. @param {Entry[] | undefined} list */
const others = (list) =>
  list && list.length > 1
    ? html` <small class="others" title=${list.map(({ value }) => value).join("\n")}>+${list.length - 1}</small>`
    : "";

/**
 * @typedef {object} TableConfig
 * @property {() => Row[]} rows
 * @property {(index: number) => Promise<void>} readTo reads the list until the row at index is there
 * @property {(id: string) => void} open
 * @property {(field: string) => void} sort
 * @property {(contact: Contact) => void} remove
 * @property {() => void} requestRender
 */

/**
 * @typedef {object} TableProps
 * @property {Row[]} rows
 * @property {number | undefined} total how many rows the whole list has
 * @property {boolean} complete rows is the whole list
 * @property {boolean} loaded the list has been read
 * @property {string} sort empty: the best hits of a search come first, and the list cannot be sorted
 * @property {string[]} words the words of the search
 * @property {string} selected the id of the open contact
 * @property {Map<string, RowHighlight>} highlights
 * @property {LeavingRow[]} leavingRows
 */

export class Table {
  /** The id of the active row. */
  active = "";

  /** @type {TableConfig} */
  #config;
  /** The props of the last rendering. @type {TableProps | undefined} */
  #props;
  #rowHeight = ROW_HEIGHT;
  #scrollTop = 0;
  #viewportHeight = 800;
  /** Set after the next rendering. @type {number | undefined} */
  #pendingScrollTop;
  /** Rows do not glide to their places, because the visible part of the list changed and the rows did not move. */
  #instant = true;
  /** The element whose size is observed. @type {HTMLElement | undefined} */
  #observed;

  /** @param {TableConfig} config */
  constructor(config) {
    this.#config = config;
    const phone = matchMedia("(max-width: 760px)");
    const setRowHeight = () => (this.#rowHeight = phone.matches ? PHONE_ROW_HEIGHT : ROW_HEIGHT);
    setRowHeight();
    phone.addEventListener("change", () => {
      setRowHeight();
      config.requestRender();
    });
  }

  /** @param {TableProps} props */
  render(props) {
    this.#props = props;
    const { rows, total, complete, loaded } = props;
    const rowHeight = this.#rowHeight;
    const rowCount = Math.max(rows.length, complete ? 0 : Math.min(total ?? rows.length + 20, MAX_ROWS));
    const first = Math.max(0, Math.floor(this.#scrollTop / rowHeight) - OVERSCAN);
    const last = Math.min(rowCount, Math.ceil((this.#scrollTop + this.#viewportHeight) / rowHeight) + OVERSCAN);
    if (!complete && loaded && last + READ_AHEAD > rows.length) queueMicrotask(() => this.#config.readTo(last + READ_AHEAD));
    const shown = [];
    for (let i = first; i < Math.min(last, rows.length); i++) shown.push({ index: i, row: rows[i], id: rows[i].id });
    const activeIndex = this.active ? rows.findIndex((r) => r.id === this.active) : -1;
    if (activeIndex >= 0 && (activeIndex < first || activeIndex >= last))
      shown.push({ index: activeIndex, row: rows[activeIndex], id: this.active }); // aria-activedescendant needs the element
    const skeletons = Math.min(MAX_SKELETONS, Math.max(0, last - Math.max(first, rows.length)));
    const now = Date.now();
    return html`<div
      class="grid ${this.#instant ? "instant" : ""}"
      role="grid"
      id="grid"
      aria-label=${t.list.contacts}
      aria-rowcount=${complete ? rows.length + 1 : (total ?? -2) + 1}
      aria-colcount=${columns.length}
      tabindex="0"
      aria-activedescendant=${activeIndex >= 0 ? `row-${this.active}` : nothing}
      aria-busy=${!loaded}
      @scroll=${this.#onScroll}
      @keydown=${this.#onKey}
      @click=${this.#onClick}
    >
      <div role="rowgroup" class="head"><div role="row" aria-rowindex="1" class="row">${columns.map((c) => this.#header(c))}</div></div>
      <div role="rowgroup" class="body" .style=${`height:${rowCount * rowHeight}px`}>
        ${repeat(
          shown,
          (s) => s.id,
          (s) => this.#row(s, activeIndex, now),
        )}
        ${repeat(
          props.leavingRows,
          (leaving) => `leaving-${leaving.id}`,
          (leaving) =>
            html`<div class="row leaving" aria-hidden="true" .style=${`transform:translateY(${leaving.index * rowHeight}px)`}>
              ${this.#cells(leaving.contact, undefined, now)}
            </div>`,
        )}
        ${Array.from({ length: skeletons }, (_, i) => html`<div class="row skeleton" aria-hidden="true" .style=${`transform:translateY(${(Math.max(first, rows.length) + i) * rowHeight}px)`}><i></i><i></i><i></i></div>`)}
      </div>
    </div>`;
  }

  /**
   * Runs a function that changes the rows. The visible rows keep their place on the screen, unless the table
   * is scrolled to the top.
   *
   * @param {() => void} changeRows
   */
  keepScroll(changeRows) {
    const index = Math.floor(this.#scrollTop / this.#rowHeight);
    const anchor = this.#scrollTop > this.#rowHeight * 1.5 ? this.#config.rows()[index]?.id : undefined;
    changeRows();
    if (!anchor || !document.getElementById("grid")) return;
    const newIndex = this.#config.rows().findIndex((r) => r.id === anchor);
    if (newIndex < 0 || newIndex === index) return;
    this.#instant = true;
    this.#scrollTo(this.#scrollTop + (newIndex - index) * this.#rowHeight);
  }

  /** Has to be called after each rendering. */
  rendered() {
    const grid = document.getElementById("grid");
    if (!grid) return;
    if (this.#pendingScrollTop !== undefined) {
      grid.scrollTop = this.#pendingScrollTop;
      this.#pendingScrollTop = undefined;
    }
    if (this.#observed !== grid) {
      this.#observed = grid;
      new ResizeObserver(() => {
        this.#viewportHeight = grid.clientHeight;
        this.#config.requestRender();
      }).observe(grid);
    }
    if (this.#instant)
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          this.#instant = false;
          grid.classList.remove("instant");
        }),
      );
  }

  /** Scrolls to the beginning, for another view. */
  reset() {
    this.#instant = true;
    this.#scrollTo(0);
  }

  focus() {
    document.getElementById("grid")?.focus({ preventScroll: true });
  }

  /**
   * Makes a row active and scrolls it into view.
   *
   * @param {string | undefined} id
   */
  reveal(id) {
    const index = this.#config.rows().findIndex((r) => r.id === id);
    if (!id || index < 0) return;
    this.active = id;
    const top = index * this.#rowHeight;
    const room = this.#viewportHeight - this.#rowHeight - HEADER_HEIGHT;
    if (top < this.#scrollTop) this.#scrollTo(top);
    else if (top > this.#scrollTop + room) this.#scrollTo(top - room);
    this.#config.requestRender();
  }

  /** @param {number} top */
  #scrollTo(top) {
    this.#scrollTop = top;
    this.#pendingScrollTop = top;
  }

  /** @param {[name: ColumnName, sort?: string]} column */
  #header([name, sort]) {
    const text = t.list.columns[name];
    const current = this.#props?.sort ?? "";
    const sorted = current.replace("-", "") === sort;
    const descending = current.startsWith("-");
    if (!sort || !current) return html`<div role="columnheader" class="cell ${name}">${text}</div>`;
    return html`<div role="columnheader" class="cell ${name}" aria-sort=${sorted ? (descending ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        class="sort ${sorted ? "on" : ""}"
        @click=${(/** @type {Event} */ e) => (e.stopPropagation(), this.#config.sort(sort))}
      >
        ${text}${sorted ? icon(descending ? "down" : "up") : ""}
      </button>
    </div>`;
  }

  /**
   * @param {{index: number, row: Row, id: string}} shown
   * @param {number} activeIndex
   * @param {number} now
   */
  #row({ index, row, id }, activeIndex, now) {
    const highlight = this.#props?.highlights.get(id);
    const selected = id === this.#props?.selected;
    const state = [
      index === activeIndex ? "active" : "",
      selected ? "selected" : "",
      highlight ? `flash ${highlight.source} ${highlight.verb} turn-${highlight.turn % 2}` : "",
    ].join(" ");
    return html`<div
      role="row"
      class="row ${state}"
      id="row-${id}"
      data-id=${id}
      aria-rowindex=${index + 2}
      aria-selected=${selected}
      .style=${`transform:translateY(${index * this.#rowHeight}px)`}
    >
      ${this.#cells(row.contact, highlight, now)}
    </div>`;
  }

  /**
   * @param {Contact} c
   * @param {RowHighlight | undefined} highlight
   * @param {number} now
   */
  #cells(c, highlight, now) {
    const words = this.#props?.words ?? [];
    const highlighted = new Set((highlight?.changed ?? []).map((field) => columnOf[field]));
    const cell = (/** @type {string} */ name, /** @type {unknown} */ content) =>
      html`<div role="gridcell" class="cell ${name} ${highlighted.has(name) ? "highlighted" : ""}">${content}</div>`;
    return [
      cell(
        "name",
        html`${avatar(c)}<span class="text"><span class="fullname" dir="auto">${marked(c.fullName || t.common.noName, words)}</span></span>`,
      ),
      cell("company", html`<span class="text" dir="auto">${marked(c.company, words)}</span>`),
      cell("email", html`<span class="text">${marked(c.email, words)}</span>${others(c.emails)}`),
      cell("phone", html`<span class="text">${c.phone ?? ""}</span>${others(c.phones)}`),
      cell(
        "tags",
        (c.tags ?? []).slice(0, 4).map((t) => html`<span class="chip hue-${hue(t)}" dir="auto">${t}</span>`),
      ),
      cell("updated", html`<time datetime=${c.updatedAt ?? ""} title=${fullTime(c.updatedAt)}>${timeAgo(c.updatedAt, now)}</time>`),
    ];
  }

  #onScroll = (/** @type {EventOn<HTMLElement>} */ e) => {
    this.#scrollTop = e.target.scrollTop;
    this.#viewportHeight = e.target.clientHeight;
    this.#instant = true;
    e.target.classList.add("instant");
    this.#config.requestRender();
  };

  #onClick = (/** @type {EventOn<HTMLElement>} */ e) => {
    const row = /** @type {HTMLElement | null} */ (e.target.closest(".row[data-id]"));
    const id = row?.dataset.id;
    if (!id || String(getSelection()).length > 0) return;
    this.active = id;
    this.#config.open(id);
  };

  #onKey = (/** @type {KeyboardEvent} */ e) => {
    if (e.target !== e.currentTarget || e.altKey || e.ctrlKey || e.metaKey) return;
    const rows = this.#config.rows();
    const index = rows.findIndex((r) => r.id === this.active);
    const page = Math.max(1, Math.floor(this.#viewportHeight / this.#rowHeight) - 2);
    const target = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: rows.length - 1,
    }[e.key];
    if (target !== undefined) {
      e.preventDefault();
      const row = rows[Math.max(0, Math.min(rows.length - 1, target))];
      if (row) this.reveal(row.id);
      if (e.key === "End" && !this.#props?.complete) this.#config.readTo(Infinity).then(() => this.reveal(this.#config.rows().at(-1)?.id));
    } else if ((e.key === "Enter" || e.key === " ") && index >= 0) {
      e.preventDefault();
      this.#config.open(this.active);
    } else if (e.key === "Delete" && index >= 0) {
      e.preventDefault();
      const next = rows[index + 1] ?? rows[index - 1];
      this.#config.remove(rows[index].contact);
      if (next) this.reveal(next.id);
    }
  };
}
