// The keyboard shortcuts of the contacts page; help.js lists them.

/**
 * @param {Record<string, () => void>} actions by key
 * @param {() => void} onEscape
 */
export function listenForShortcuts(actions, onEscape) {
  addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape" && !document.querySelector("dialog[open]")) return onEscape();
    if (isTyping(e)) return;
    const action = Object.hasOwn(actions, e.key) ? actions[e.key] : undefined;
    if (!action) return;
    e.preventDefault();
    action();
  });
}

/** @param {KeyboardEvent} e */
export const isTyping = (e) =>
  e.target instanceof Element && Boolean(e.target.closest("input, textarea, select, dialog, [contenteditable]"));
