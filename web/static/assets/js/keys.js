// Keys as commands name them: "N" or "Ctrl S"; several are separated by " / ". Ctrl is also the ⌘ of a Mac.

import { t } from "./texts.js";

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** The key as a command names it: the Latin letter also with Caps Lock and on a Greek or Cyrillic keyboard. @param {KeyboardEvent} e */
function keyName(e) {
  if (/^[a-z]$/i.test(e.key)) return e.key.toUpperCase();
  if (/^\p{L}$/u.test(e.key) && /^Key[A-Z]$/.test(e.code)) return e.code.slice(3);
  return e.key;
}

/**
 * Whether a pressed key is one of a command's.
 *
 * @param {KeyboardEvent} e
 * @param {string} keys
 */
export function matchesKeys(e, keys) {
  return keys.split(" / ").some((one) => {
    const parts = one.split(" ");
    const has = (/** @type {string} */ modifier) => parts.includes(modifier);
    const control = e.ctrlKey || e.metaKey;
    return parts.at(-1) === keyName(e) && has("Ctrl") === control && has("Alt") === e.altKey && !(control && e.shiftKey);
  });
}

/** The keys as they are written on a keyboard of the language, each for itself. @param {string} keys */
export const shownKeys = (keys) =>
  keys.split(" ").map((key) => {
    if (key === "Ctrl" && isMac) return "⌘";
    return t.keys[key] ?? { ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" }[key] ?? key;
  });
