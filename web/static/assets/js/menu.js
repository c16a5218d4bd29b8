// Handlers that make a menu of <details>.

// Safari gives buttons no focus when they are clicked, so the focus alone does not tell that the person left the menu.
globalThis.addEventListener?.("pointerdown", ({ target }) => {
  for (const menu of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.menu[open]")))
    if (!menu.contains(/** @type {Node} */ (target))) menu.open = false;
});

/**
 * Closes the menu when the focus goes to another element of the page.
 *
 * @param {FocusEvent & EventOn<HTMLDetailsElement>} e
 */
export function closeMenuOnBlur(e) {
  if (e.relatedTarget && !e.currentTarget.contains(/** @type {Node} */ (e.relatedTarget))) e.currentTarget.open = false;
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
