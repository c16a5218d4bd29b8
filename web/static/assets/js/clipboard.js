// Copies texts for the person to paste elsewhere.

import { t } from "./texts.js";

const COPIED_DURATION = 1800; // of the message, in milliseconds

/**
 * Copies a text and tells the person.
 *
 * @param {string} text
 * @param {import("./toasts.js").Toasts} toasts
 */
export function copy(text, toasts) {
  copyText(text);
  toasts.show(t.common.copied, { duration: COPIED_DURATION });
}

/**
 * Copies a text, also on a page that is not a secure context.
 *
 * @param {string} text
 */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "offscreen" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
