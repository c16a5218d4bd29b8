// The keyboard shortcuts of the contacts page; help.js lists them.

const REST_AFTER_TYPING = 1000; // milliseconds

/**
 * Single keys are commands only outside of fields. They rest for a moment after a key typed in one, in case the field has
 * gone while the person goes on typing.
 *
 * @param {Record<string, () => void>} actions by key
 * @param {() => void} onEscape
 */
export function listenForShortcuts(actions, onEscape) {
  let typedAt = -Infinity;
  addEventListener("keydown", (e) => {
    if (isTyping(e) && e.key.length === 1) typedAt = e.timeStamp;
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape" && !document.querySelector("dialog[open]")) return onEscape();
    if (isTyping(e) || e.timeStamp - typedAt < REST_AFTER_TYPING) return;
    const action = Object.hasOwn(actions, e.key) ? actions[e.key] : undefined;
    if (!action) return;
    e.preventDefault();
    action();
  });
}

/** @param {KeyboardEvent} e */
export const isTyping = (e) =>
  e.target instanceof Element && Boolean(e.target.closest("input, textarea, select, dialog, [contenteditable]"));
