// The commands of a page. The keys, the help, the palette and the menus read the same list.

import { matchesKeys } from "./keys.js";

/**
 * @typedef {object} Command
 * @property {string} id
 * @property {() => string} text
 * @property {string} [keys] see keys.js
 * @property {() => void} [run] absent: a component handles the keys, and the help tells them
 * @property {() => boolean} [enabled] absent: always
 * @property {string} [icon]
 * @property {boolean} [inMenu] shown in the menu of the page
 * @property {() => boolean} [checked] of a choice in the menu: it is the current one
 */

const TYPING_COOLDOWN = 1000; // milliseconds

/** @param {KeyboardEvent} e */
const isTyping = (e) =>
  e.target instanceof Element && Boolean(e.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]"));

/** Whether a key says that the person is done with a field. @param {KeyboardEvent} e */
function leavesField(e) {
  if (e.key === "Escape") return true;
  if (!isTyping(e)) return false;
  if (e.key === "Enter") return e.ctrlKey || e.metaKey || !(e.target instanceof HTMLTextAreaElement);
  return e.key === "Tab" || matchesKeys(e, "Ctrl S");
}

/** @param {Command} command */
export const isAvailable = ({ run, enabled }) => Boolean(run) && (enabled?.() ?? true);

/**
 * Runs commands by their keys. Single keys are commands only outside of fields. They rest for a moment after a key typed in
 * a field, in case the field has gone while the person goes on typing.
 *
 * @param {() => Command[]} commands
 */
export function listenForCommands(commands) {
  let typedAt = -Infinity;
  addEventListener("pointerdown", () => (typedAt = -Infinity));
  addEventListener("keydown", (e) => {
    const typing = isTyping(e);
    if (leavesField(e)) typedAt = -Infinity;
    else if (typing && e.key.length === 1) typedAt = e.timeStamp;
    if (e.defaultPrevented) return;
    const dialog = document.querySelector("dialog[open]");
    const single = !e.ctrlKey && !e.metaKey && e.key !== "Escape";
    if (single && (typing || e.timeStamp - typedAt < TYPING_COOLDOWN)) return;
    const command = commands().find(({ keys, run }) => keys && run && matchesKeys(e, keys));
    if (!command) return;
    if (!dialog && isAvailable(command)) {
      e.preventDefault();
      command.run?.();
    } else if (e.ctrlKey || e.metaKey) e.preventDefault(); // Ctrl S would save the page as a file
  });
}
