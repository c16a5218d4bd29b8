// Links within the page. They are links for the browser (another tab, copy the address) and change the view without a reload.

import { formatView } from "./view.js";

/**
 * The address of the view with some changes.
 *
 * @param {View} view
 * @param {Partial<View>} changes
 */
export const viewAddress = (view, changes) => `/${formatView({ ...view, ...changes })}`;

/**
 * Handles a click on a link, unless the person wants the browser to follow it in another tab or window.
 *
 * @param {() => void} run
 */
export const onPlainClick = (run) => (/** @type {MouseEvent} */ e) => {
  if (e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  run();
};
