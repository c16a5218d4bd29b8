// Copies texts for the person to paste elsewhere.

import { t } from "./texts.js";

const COPIED_DURATION = 1800; // of the message, in milliseconds

/**
 * Copies a text and tells the person.
 *
 * @param {string} text
 * @param {import("./toasts.js").Toasts} toasts
 */
export async function copy(text, toasts) {
  if (await copyText(text)) toasts.show(t.common.copied, { duration: COPIED_DURATION });
  else toasts.show(t.common.notCopied, { kind: "error" });
}

/**
 * Copies a text, also on a page that is not a secure context. Resolves with whether the browser did it.
 *
 * @param {string} text
 */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "offscreen" });
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
    return copied;
  }
}
