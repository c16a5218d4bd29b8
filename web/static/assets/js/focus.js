// The focus moves after a rendering, to what the rendering made.

/**
 * Focuses an element that the next rendering makes. A field that the person enters before that keeps the focus.
 *
 * @param {string} selector
 * @param {() => boolean} [isWanted] asked then
 */
export function focusSoon(selector, isWanted = () => true) {
  const before = document.activeElement;
  const focus = () => {
    const now = document.activeElement;
    const entered = now !== before && now?.matches("input, textarea, select");
    if (entered || !isWanted()) return;
    const element = /** @type {HTMLElement | null} */ (document.querySelector(selector));
    element?.focus({ preventScroll: selector === "#panel-title" });
  };
  requestAnimationFrame(() => requestAnimationFrame(focus));
}

/**
 * Focuses an element at once, or, if it is not there, the one that the next rendering makes.
 *
 * @param {string} selector
 */
export function focusNowOrSoon(selector) {
  const element = /** @type {HTMLElement | null} */ (document.querySelector(selector));
  if (element) element.focus({ preventScroll: true });
  else focusSoon(selector);
}
