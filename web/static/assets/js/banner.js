// The banner above the table, shown when something is wrong.

import { html } from "../vendor/lit/lit-html.js";
import { timeOfDay } from "./format.js";
import { connectionState } from "./header.js";
import { Unreachable } from "./http.js";
import { icon } from "./icons.js";

/** @import { List } from "./list.js" */
/** @import { RoomSocket } from "./room-socket.js" */

/** Shorter interruptions of the connection are not shown, in milliseconds. */
export const MIN_OFFLINE_SHOWN = 1500;

/**
 * @typedef {object} BannerProps
 * @property {List} list
 * @property {RoomSocket} socket
 * @property {string} rereadReason empty if the list is not being read again
 * @property {string} forming how far the contacts have been completed; empty if all are
 */

/** @param {BannerProps} props */
export function banner({ list, socket, rereadReason, forming }) {
  const { error } = list;
  if (socket.lostAt && !error && Date.now() - socket.lostAt > MIN_OFFLINE_SHOWN)
    return html`<div class="banner bad" role="status">
      ${icon("warn")}<span>No connection since ${timeOfDay(socket.lostAt)}. The page will show every change it missed.</span
      ><button type="button" class="link" @click=${() => socket.reconnect()}>Try now</button>
    </div>`;
  if (error)
    return html`<div class="banner bad" role="alert">
      ${icon("warn")}<span>${error instanceof Unreachable ? "The server cannot be reached. Trying again…" : error.message}</span>${error.status >= 500 || !error.status ? html`<button type="button" class="link" @click=${() => list.retry()}>Try now</button>` : ""}
    </div>`;
  if (rereadReason)
    return html`<div class="banner" role="status">${icon("undo")}<span>Reading the list again: ${rereadReason}.</span></div>`;
  if (connectionState(socket) === "degraded")
    return html`<div class="banner warn" role="status">
      ${icon("warn")}<span>Changes arrive late. What you read and save is still correct.</span>
    </div>`;
  if (forming) return html`<div class="banner" role="status">${icon("auto")}<span>${forming}</span></div>`;
  return "";
}
