// The banner above the table, shown when something is wrong.

import { html } from "../vendor/lit/lit-html.js";
import { timeOfDay } from "./format.js";
import { connectionState } from "./header.js";
import { Unreachable } from "./http.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** @import { List } from "./list.js" */
/** @import { RoomSocket } from "./room-socket.js" */

/** Shorter interruptions of the connection are not shown, in milliseconds. */
export const MIN_OFFLINE_SHOWN = 1500;

/**
 * @typedef {object} BannerProps
 * @property {List} list
 * @property {RoomSocket} socket
 * @property {boolean} rereading the list is being read again
 * @property {string} forming how far the contacts have been completed; empty if all are
 */

/** @param {BannerProps} props */
export function banner({ list, socket, rereading, forming }) {
  const { error } = list;
  if (socket.lostAt && !error && Date.now() - socket.lostAt > MIN_OFFLINE_SHOWN)
    return html`<div class="banner bad" role="status">
      ${icon("warn")}<span>${t.banner.offline(timeOfDay(socket.lostAt))}</span
      ><button type="button" class="link" @click=${() => socket.reconnect()}>${t.common.tryNow}</button>
    </div>`;
  if (error)
    return html`<div class="banner bad" role="alert">
      ${icon("warn")}<span>${error instanceof Unreachable ? t.banner.unreachable : error.message}</span>${error.status >= 500 || !error.status ? html`<button type="button" class="link" @click=${() => list.retry()}>${t.common.tryNow}</button>` : ""}
    </div>`;
  if (rereading) return html`<div class="banner" role="status">${icon("undo")}<span>${t.banner.rereading}</span></div>`;
  if (connectionState(socket) === "degraded")
    return html`<div class="banner warn" role="status">${icon("warn")}<span>${t.banner.degraded}</span></div>`;
  if (forming) return html`<div class="banner" role="status">${icon("auto")}<span>${forming}</span></div>`;
  return "";
}
