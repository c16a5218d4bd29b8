// The table of contacts. Only the visible rows are in the document. The focus stays on the grid;
// aria-activedescendant names the active row, so the focus is not lost when rows move or leave.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { ActiveRow } from "./active-row.js";
import { chosenColumns, columnTemplate, shownColumns } from "./columns.js";
import { viewAddress } from "./links.js";
import { RowHeight } from "./row-height.js";
import { ScrollScale } from "./scroll-scale.js";
import { cells } from "./table-cells.js";
import { headCell } from "./table-head.js";
import { t } from "./texts.js";

/** @import { Column } from "./columns.js" */

const OVERSCAN = 8; // rows rendered beyond either end of the visible ones
const MAX_SKELETONS = 60;
const HEADER_HEIGHT = 34;

/**
 * @typedef {object} TableConfig
 * @property {() => Row[]} rows those that are kept
 * @property {() => number} before how many rows of the list come before these
 * @property {(first: number, last: number) => void} show reads the list where these rows are, which are in sight
 * @property {() => View} view
 * @property {(changes: Partial<View>) => void} navigate
 * @property {(id: string) => void} open
 * @property {(field: string) => void} sort
 * @property {(contact: Contact) => void} remove
 * @property {() => void} requestRender
 */

/**
 * @typedef {object} TableProps
 * @property {Row[]} rows those that are kept
 * @property {number} before how many rows of the list come before these
 * @property {number | undefined} total how many rows the whole list has
 * @property {boolean} complete the last of the rows is the last one of the list
 * @property {boolean} loaded the list has been read
 * @property {string} sort empty: the best hits of a search come first, and the list cannot be sorted
 * @property {string[]} words the words of the search
 * @property {string} selected the id of the open contact
 * @property {Map<string, RowHighlight>} highlights
 * @property {LeavingRow[]} leavingRows
 */

export class Table {
  /** @type {TableConfig} */
  #config;
  /** @type {ActiveRow} */
  #active;
  /** The props of the last rendering. @type {TableProps | undefined} */
  #props;
  /** @type {RowHeight} */
  #rowHeight;
  /** Where the visible part begins in the list, in pixels. */
  #top = 0;
  #scale = new ScrollScale();
  #viewportHeight = 800;
  #width = globalThis.innerWidth;
  /** The columns of the last rendering. @type {Column[]} */
  #columns = [];
  /** All rows are in the document, for the printer. */
  #printing = false;
  /** The place in the list to scroll to once its rows are there. @type {number | undefined} */
  #pendingTop;
  /** Rows do not glide to their places, because the visible part of the list changed and the rows did not move. */
  #instant = true;
  /** The element whose size is observed. @type {HTMLElement | undefined} */
  #observed;

  /** @param {TableConfig} config */
  constructor(config) {
    this.#config = config;
    const { rows, before, requestRender } = config;
    this.#active = new ActiveRow({ rows, before, scrollTo: (index) => this.#scrollInto(index), requestRender });
    this.#rowHeight = new RowHeight(requestRender);
  }

  /** The id of the contact whose row is the active one. */
  get active() {
    return this.#active.id;
  }

  set active(id) {
    this.#active.id = id;
  }

  /** @param {TableProps} props */
  render(props) {
    this.#props = props;
    const { rows, before, total, complete, loaded } = props;
    const rowHeight = this.#rowHeight.value;
    const end = before + rows.length;
    const rowCount = Math.max(end, complete ? 0 : (total ?? end + 20));
    this.#scale.set(rowCount * rowHeight, this.#viewportHeight - HEADER_HEIGHT);
    this.#columns = shownColumns(chosenColumns(), this.#width, this.#rowHeight.isPhone);
    const activeIndex = this.#active.update(rowCount, complete && loaded, props.selected);
    const first = this.#printing ? before : Math.max(0, Math.floor(this.#top / rowHeight) - OVERSCAN);
    const last = this.#printing ? end : Math.min(rowCount, Math.ceil((this.#top + this.#viewportHeight) / rowHeight) + OVERSCAN);
    if (loaded && !this.#printing) queueMicrotask(() => this.#config.show(first, this.#active.goesToEnd ? Infinity : last));
    const shown = [];
    for (let i = Math.max(first, before); i < Math.min(last, end); i++) {
      const row = rows[i - before];
      shown.push({ index: i, row, id: row.id });
    }
    if (activeIndex >= 0 && (activeIndex < first || activeIndex >= last))
      shown.push({ index: activeIndex, row: rows[activeIndex - before], id: this.active }); // aria-activedescendant needs the element
    const skeletons = [];
    for (let i = first; i < last && skeletons.length < MAX_SKELETONS; i++) if (i < before || i >= end) skeletons.push(i);
    const now = Date.now();
    return html`<div
      class="grid ${this.#instant ? "instant" : ""}"
      role="grid"
      id="grid"
      aria-label=${t.list.contacts}
      aria-rowcount=${complete ? end + 1 : (total ?? -2) + 1}
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
        <div role="row" aria-rowindex="1" class="row">
          ${this.#columns.map((column) => headCell(column, props.sort, this.#config.sort))}
        </div>
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
        ${skeletons.map((i) => html`<div class="row skeleton" aria-hidden="true" .style=${this.#place(i)}><i></i><i></i><i></i></div>`)}
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
    const { rows, before } = this.#config;
    const index = Math.floor(this.#top / this.#rowHeight.value);
    const anchor = this.#top > this.#rowHeight.value * 1.5 ? rows()[index - before()]?.id : undefined;
    changeRows();
    if (!anchor || !document.getElementById("grid")) return;
    const newIndex = this.indexOf(anchor);
    if (newIndex < 0 || newIndex === index) return;
    this.#instant = true;
    this.#scrollTo(this.#top + (newIndex - index) * this.#rowHeight.value);
  }

  /** Has to be called after each rendering. */
  rendered() {
    const grid = document.getElementById("grid");
    if (!grid) return;
    if (this.#pendingTop !== undefined) {
      grid.scrollTop = this.#scale.scrollTop(this.#pendingTop);
      if (this.#props?.loaded) this.#pendingTop = undefined; // before that, the list may be too low for the place
    }
    if (this.#observed !== grid) {
      this.#observed = grid;
      new ResizeObserver(() => {
        this.#rowHeight.forget();
        this.#viewportHeight = grid.clientHeight;
        this.#width = grid.clientWidth;
        this.#config.requestRender();
      }).observe(grid);
    }
    this.#rowHeight.measure(grid);
    if (this.#instant)
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          this.#instant = false;
          grid.classList.remove("instant");
        }),
      );
  }

  /** Where the visible part of the list begins, in rows. */
  get topRow() {
    return Math.floor(this.#top / this.#rowHeight.value);
  }

  /** Scrolls to a row, for another view. @param {number} [index] */
  reset(index = 0) {
    this.#instant = true;
    this.#scrollTo(index * this.#rowHeight.value);
    this.#config.requestRender();
  }

  /** Puts all rows that have been read into the document, or no longer. @param {boolean} printing */
  renderAllRows(printing) {
    this.#printing = printing;
  }

  focus() {
    document.getElementById("grid")?.focus({ preventScroll: true });
  }

  /** The place of a contact in the list; -1 if its row is not kept. @param {string} id */
  indexOf(id) {
    return this.#active.indexOf(id);
  }

  /**
   * Makes a row active and scrolls it into view.
   *
   * @param {string | undefined} id
   */
  reveal(id) {
    const index = this.indexOf(id ?? "");
    if (!id || index < 0) return;
    this.active = id;
    this.#scrollInto(index);
    this.#config.requestRender();
  }

  /**
   * See ActiveRow.neighbour.
   *
   * @param {string} id
   * @param {number} steps
   */
  neighbour(id, steps) {
    return this.#active.neighbour(id, steps);
  }

  /**
   * See ActiveRow.goBack.
   *
   * @param {string} id
   * @param {() => void} then
   */
  goBack(id, then) {
    this.#active.goBack(id, then);
  }

  /** @param {number} index */
  #scrollInto(index) {
    const top = index * this.#rowHeight.value;
    const room = this.#viewportHeight - this.#rowHeight.value - HEADER_HEIGHT;
    if (top < this.#top) this.#scrollTo(top);
    else if (top > this.#top + room) this.#scrollTo(top - room);
  }

  /** @param {number} top */
  #scrollTo(top) {
    this.#top = top;
    this.#pendingTop = top;
  }

  /** The place of a row in the element that holds the rows. @param {number} index */
  #place(index) {
    if (this.#printing) return "";
    return `transform:translateY(${Math.round(index * this.#rowHeight.value - this.#top + this.#scale.scrollTop(this.#top))}px)`;
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
    if (this.#pendingTop !== undefined) return;
    const top = this.#scale.listTop(e.target.scrollTop);
    if (Math.abs(top - this.#top) > this.#rowHeight.value) this.#active.stop();
    this.#top = top;
    this.#viewportHeight = e.target.clientHeight;
    this.#instant = true;
    e.target.classList.add("instant");
    this.#config.requestRender();
  };

  #onClick = (/** @type {MouseEvent & EventOn<HTMLElement>} */ e) => {
    const id = rowIdAt(e);
    if (!id || e.defaultPrevented) return;
    const link = e.target.closest("a");
    const isPlain = !e.ctrlKey && !e.metaKey && !e.shiftKey;
    if (isPlain) e.preventDefault(); // the browser would load the whole page
    if (String(getSelection()).length > 0) return;
    if (!isPlain) {
      if (!link) this.#openTab(id);
      return;
    }
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
    const { index } = this.#active;
    const row = this.#config.rows()[this.indexOf(this.active) - this.#config.before()];
    const page = Math.max(1, Math.floor(this.#viewportHeight / this.#rowHeight.value) - 2);
    const target = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: Infinity,
    }[e.key];
    if (target !== undefined) {
      e.preventDefault();
      this.#active.goTo(target);
    } else if ((e.key === "Enter" || e.key === " ") && row) {
      e.preventDefault();
      this.#config.open(this.active);
    } else if (e.key === "Delete" && row) {
      e.preventDefault();
      const next = this.neighbour(this.active, 1) || this.neighbour(this.active, -1);
      this.#config.remove(row.contact);
      if (next) this.reveal(next);
    }
  };
}

/** The id of the contact whose row was clicked. @param {EventOn<HTMLElement>} e */
const rowIdAt = (e) => /** @type {HTMLElement | null} */ (e.target.closest(".row[data-id]"))?.dataset.id;
