// The height of a row of the table: as much as its text needs, because browsers can enlarge texts.

const MIN_HEIGHT = 42;
const MIN_PHONE_HEIGHT = 62;
const LARGE_LINE = 24; // pixels; a line is higher if the browser enlarges small text
const LINES = 2.1; // the height of a row in lines of text, if that is more
const PHONE_LINES = 3.2;

export class RowHeight {
  /** In pixels. */
  value = MIN_HEIGHT;

  /** @type {MediaQueryList} */
  #phone = matchMedia("(max-width: 760px)");
  /** The height of a line of text was measured. */
  #measured = false;
  /** @type {() => void} */
  #requestRender;

  /** @param {() => void} requestRender is called when the height has changed */
  constructor(requestRender) {
    this.#requestRender = requestRender;
    this.#set();
    this.#phone.addEventListener("change", () => {
      this.#set();
      requestRender();
    });
  }

  /** The rows are those of a phone. */
  get isPhone() {
    return this.#phone.matches;
  }

  /** The text may have another size: the next rendering measures it. */
  forget() {
    this.#measured = false;
  }

  /** Measures a line of text, unless that was done. @param {HTMLElement} grid */
  measure(grid) {
    if (this.#measured) return;
    const line = grid.querySelector(".fullname")?.getBoundingClientRect().height;
    if (!line) return;
    this.#measured = true;
    document.documentElement.classList.toggle("large-text", line > LARGE_LINE);
    const before = this.value;
    this.#set(line);
    if (this.value !== before) this.#requestRender();
  }

  /** @param {number} [line] the height of a line of text, in pixels */
  #set(line = 0) {
    const [min, lines] = this.isPhone ? [MIN_PHONE_HEIGHT, PHONE_LINES] : [MIN_HEIGHT, LINES];
    this.value = Math.max(min, Math.round(line * lines));
  }
}
