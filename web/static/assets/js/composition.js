// Keys that an input method uses while it composes text, as for Japanese, Chinese and Korean. Enter then accepts a
// candidate and Escape drops it; no component may take them for a command.

/**
 * Keeps such keys from all handlers of the page. keyCode 229 is Safari's mark of the key that ends a composition.
 */
export function ignoreCompositionKeys() {
  addEventListener("keydown", (e) => (e.isComposing || e.keyCode === 229) && e.stopImmediatePropagation(), { capture: true });
}
