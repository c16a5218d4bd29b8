// The table of contacts. Only the visible rows are in the document. The focus stays on the grid;
// aria-activedescendant names the active row, so the focus is not lost when rows move or leave.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { chosenColumns, columnTemplate, shownColumns } from "./columns.js";
import { icon } from "./icons.js";
import { viewAddress } from "./links.js";
import { ScrollScale } from "./scroll-scale.js";
import { cells } from "./table-cells.js";
import { t } from "./texts.js";

/** @import { Column } from "./columns.js" */

const OVERSCAN = 8; // rows rendered beyond either end of the visible ones
const READ_AHEAD = 60; // rows read beyond the visible ones
const MAX_SKELETONS = 60;
const ROW_HEIGHT = 42;
const PHONE_ROW_HEIGHT = 62;
const HEADER_HEIGHT = 34;
const LINES_OF_ROW = 2.1; // the height of a row in lines of text, if that is more: browsers can enlarge texts
const LINES_OF_PHONE_ROW = 3.2;

/**
 * @typedef {object} TableConfig
 * @property {() => Row[]} rows
 * @property {(index: number) => Promise<void>} readTo reads the list until the row at index is there
 * @property {() => View} view
 * @property {(changes: Partial<View>) => void} navigate
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
  /** Where the visible part begins in the list, in pixels. */
  #top = 0;
  #scale = new ScrollScale();
  #viewportHeight = 800;
  #width = globalThis.innerWidth;
  /** @type {MediaQueryList} */
  #phone;
  /** The columns of the last rendering. @type {Column[]} */
  #columns = [];
  /** The height of a line of text was measured. */
  #measured = false;
  /** All rows are in the document, for the printer. */
  #printing = false;
  /** The place in the list to scroll to after the next rendering. @type {number | undefined} */
  #pendingTop;
  /** Rows do not glide to their places, because the visible part of the list changed and the rows did not move. */
  #instant = true;
  /** The element whose size is observed. @type {HTMLElement | undefined} */
  #observed;

  /** @param {TableConfig} config */
  constructor(config) {
    this.#config = config;
    const phone = matchMedia("(max-width: 760px)");
    this.#phone = phone;
    this.#setRowHeight();
    phone.addEventListener("change", () => {
      this.#setRowHeight();
      config.requestRender();
    });
  }

  /** @param {TableProps} props */
  render(props) {
    this.#props = props;
    const { rows, total, complete, loaded } = props;
    const rowHeight = this.#rowHeight;
    const rowCount = Math.max(rows.length, complete ? 0 : (total ?? rows.length + 20));
    this.#scale.set(rowCount * rowHeight, this.#viewportHeight - HEADER_HEIGHT);
    this.#columns = shownColumns(chosenColumns(), this.#width, this.#phone.matches);
    const first = this.#printing ? 0 : Math.max(0, Math.floor(this.#top / rowHeight) - OVERSCAN);
    const last = this.#printing ? rows.length : Math.min(rowCount, Math.ceil((this.#top + this.#viewportHeight) / rowHeight) + OVERSCAN);
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
      aria-colcount=${this.#columns.length}
      .style=${`--columns:${columnTemplate(this.#columns)};--row-height:${rowHeight}px`}
      tabindex="0"
      aria-activedescendant=${activeIndex >= 0 ? `row-${this.active}` : nothing}
      aria-busy=${!loaded}
      @scroll=${this.#onScroll}
      @keydown=${this.#onKey}
      @click=${this.#onClick}
      @auxclick=${this.#onAuxClick}
    >
      <div role="rowgroup" class="head">
        <div role="row" aria-rowindex="1" class="row">${this.#columns.map((column) => this.#header(column))}</div>
      </div>
      <div role="rowgroup" class="body" .style=${`height:${this.#scale.elementHeight}px`}>
        ${repeat(
          shown,
          (s) => s.id,
          (s) => this.#row(s, activeIndex, now),
        )}
        ${repeat(
          props.leavingRows,
          (leaving) => `leaving-${leaving.id}`,
          (leaving) =>
            html`<div class="row leaving" aria-hidden="true" .style=${this.#place(leaving.index)}>
              ${this.#cells(leaving.contact, undefined, now)}
            </div>`,
        )}
        ${Array.from({ length: skeletons }, (_, i) => html`<div class="row skeleton" aria-hidden="true" .style=${this.#place(Math.max(first, rows.length) + i)}><i></i><i></i><i></i></div>`)}
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
    const index = Math.floor(this.#top / this.#rowHeight);
    const anchor = this.#top > this.#rowHeight * 1.5 ? this.#config.rows()[index]?.id : undefined;
    changeRows();
    if (!anchor || !document.getElementById("grid")) return;
    const newIndex = this.#config.rows().findIndex((r) => r.id === anchor);
    if (newIndex < 0 || newIndex === index) return;
    this.#instant = true;
    this.#scrollTo(this.#top + (newIndex - index) * this.#rowHeight);
  }

  /** Makes rows as high as their text needs. @param {HTMLElement} grid */
  #measure(grid) {
    const line = grid.querySelector(".fullname")?.getBoundingClientRect().height;
    if (!line) return;
    this.#measured = true;
    const before = this.#rowHeight;
    this.#setRowHeight(line);
    if (this.#rowHeight !== before) this.#config.requestRender();
  }

  /** @param {number} [line] the height of a line of text, in pixels */
  #setRowHeight(line = 0) {
    const phone = this.#phone.matches;
    this.#rowHeight = Math.max(phone ? PHONE_ROW_HEIGHT : ROW_HEIGHT, Math.round(line * (phone ? LINES_OF_PHONE_ROW : LINES_OF_ROW)));
  }

  /** Has to be called after each rendering. */
  rendered() {
    const grid = document.getElementById("grid");
    if (!grid) return;
    if (this.#pendingTop !== undefined) {
      grid.scrollTop = this.#scale.scrollTop(this.#pendingTop);
      this.#pendingTop = undefined;
    }
    if (this.#observed !== grid) {
      this.#observed = grid;
      new ResizeObserver(() => {
        this.#measured = false;
        this.#viewportHeight = grid.clientHeight;
        this.#width = grid.clientWidth;
        this.#config.requestRender();
      }).observe(grid);
    }
    if (!this.#measured) this.#measure(grid);
    if (this.#instant)
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          this.#instant = false;
          grid.classList.remove("instant");
        }),
      );
  }

  /** Where the visible part of the list begins, in rows. */
  get firstVisible() {
    return Math.floor(this.#top / this.#rowHeight);
  }

  /** Scrolls to a row, for another view. @param {number} [index] */
  reset(index = 0) {
    this.#instant = true;
    this.#scrollTo(index * this.#rowHeight);
  }

  /** Puts all rows that have been read into the document, or no longer. @param {boolean} printing */
  print(printing) {
    this.#printing = printing;
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
    if (top < this.#top) this.#scrollTo(top);
    else if (top > this.#top + room) this.#scrollTo(top - room);
    this.#config.requestRender();
  }

  /** @param {number} top */
  #scrollTo(top) {
    this.#top = top;
    this.#pendingTop = top;
  }

  /** The place of a row in the element that holds the rows. @param {number} index */
  #place(index) {
    if (this.#printing) return "";
    return `transform:translateY(${Math.round(index * this.#rowHeight - this.#top + this.#scale.scrollTop(this.#top))}px)`;
  }

  /** @param {Column} column */
  #header({ name, sort }) {
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
      .style=${this.#place(index)}
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
    const { view, navigate } = this.#config;
    return cells(c, { columns: this.#columns, view: view(), words: this.#props?.words ?? [], highlight, now, navigate });
  }

  #onScroll = (/** @type {EventOn<HTMLElement>} */ e) => {
    this.#top = this.#scale.listTop(e.target.scrollTop);
    this.#viewportHeight = e.target.clientHeight;
    this.#instant = true;
    e.target.classList.add("instant");
    this.#config.requestRender();
  };

  #onClick = (/** @type {MouseEvent & EventOn<HTMLElement>} */ e) => {
    const id = rowIdAt(e);
    if (!id || e.defaultPrevented || String(getSelection()).length > 0) return;
    const link = e.target.closest("a");
    if (e.ctrlKey || e.metaKey || e.shiftKey) {
      if (!link) this.#openTab(id);
      return;
    }
    e.preventDefault();
    this.active = id;
    this.#config.open(id);
  };

  /** The middle button opens another tab, as it does on a link. */
  #onAuxClick = (/** @type {MouseEvent & EventOn<HTMLElement>} */ e) => {
    const id = rowIdAt(e);
    if (id && e.button === 1 && !e.target.closest("a")) this.#openTab(id);
  };

  /** @param {string} id */
  #openTab(id) {
    open(viewAddress(this.#config.view(), { contact: id }), "_blank", "noopener");
  }

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

/** The id of the contact whose row was clicked. @param {EventOn<HTMLElement>} e */
const rowIdAt = (e) => /** @type {HTMLElement | null} */ (e.target.closest(".row[data-id]"))?.dataset.id;
