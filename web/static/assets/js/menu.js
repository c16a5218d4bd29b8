// Handlers that make a menu of <details>.

/**
 * Closes the menu when the focus leaves it.
 *
 * @param {FocusEvent & EventOn<HTMLDetailsElement>} e
 */
export function closeMenuOnBlur(e) {
  if (!e.currentTarget.contains(/** @type {Node | null} */ (e.relatedTarget))) e.currentTarget.open = false;
}

/**
 * Closes the menu on Escape.
 *
 * @param {KeyboardEvent & EventOn<HTMLDetailsElement>} e
 */
export function closeMenuOnEscape(e) {
  if (e.key !== "Escape" || !e.currentTarget.open) return;
  e.stopPropagation();
  e.currentTarget.open = false;
  e.currentTarget.querySelector("summary")?.focus();
}
