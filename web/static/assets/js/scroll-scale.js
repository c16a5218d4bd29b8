// Browsers limit the height of an element. A list that would be higher is scrolled at another scale: a pixel of the scrollbar
// is then more than a pixel of the list.

const MAX_HEIGHT = 15_000_000; // pixels; Firefox allows 17.8 million

export class ScrollScale {
  /** The height of the whole list, in pixels. */
  #height = 0;
  #viewport = 0;

  /**
   * @param {number} height of the whole list
   * @param {number} viewport the height of its visible part
   */
  set(height, viewport) {
    this.#height = height;
    this.#viewport = viewport;
  }

  /** The height of the element that holds the rows. */
  get elementHeight() {
    return Math.min(this.#height, MAX_HEIGHT);
  }

  get #factor() {
    const { elementHeight } = this;
    if (elementHeight === this.#height) return 1;
    return (this.#height - this.#viewport) / (elementHeight - this.#viewport);
  }

  /** Where the visible part begins in the list. @param {number} scrollTop of the element */
  listTop(scrollTop) {
    return scrollTop * this.#factor;
  }

  /** The reverse of listTop. @param {number} listTop */
  scrollTop(listTop) {
    return listTop / this.#factor;
  }
}
