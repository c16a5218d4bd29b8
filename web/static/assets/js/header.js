// The header of both pages: navigation, workspace, people present, connection and colour theme.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { icon, logo } from "./icons.js";
import { themeButton } from "./theme.js";
import { pagePaths } from "./view.js";

/** @import { RoomSocket } from "./room-socket.js" */

/** Tone, text and title of the badge by state. @type {Record<string, [string, string, string]>} */
const badges = {
  connecting: ["wait", "Connecting", "Connecting to the server."],
  "catching up": ["wait", "Catching up", "Receiving the changes since this page was last connected."],
  live: ["ok", "Live", "Every change in MongoDB appears here at once."],
  degraded: ["warn", "Degraded", "Connected, but changes arrive late. What you read and save is still correct."],
  offline: ["bad", "Offline", "No connection. Trying again; the page will show every change it missed."],
  refused: ["bad", "Refused", "The server rejected the connection. Reload the page."],
};

/**
 * The state of the connection, or "degraded" if it is up and the server's pipeline is behind.
 *
 * @param {RoomSocket} socket
 */
export const connectionState = ({ degraded, state }) => (degraded && (state === "live" || state === "catching up") ? "degraded" : state);

/** @param {string} state */
function badge(state) {
  const [tone, text, title] = badges[state];
  return html`<span class="badge ${tone}" role="status" title=${title} data-state=${state}><i class="dot"></i><span>${text}</span></span>`;
}

/**
 * @typedef {object} HeaderProps
 * @property {"contacts" | "statistics" | "inspect"} current
 * @property {string} workspace
 * @property {unknown} workspaceMenu
 * @property {number} members how many pages are open on the workspace
 * @property {string} state of the connection
 * @property {(event: MouseEvent, page: "contacts" | "statistics" | "inspect") => void} [onNavigate]
 * @property {() => void} [onHelp]
 * @property {() => void} requestRender
 */

/** @param {HeaderProps} props */
export function header(props) {
  const paths = pagePaths(props.workspace);
  /**
   * @param {"contacts" | "statistics" | "inspect"} page
   * @param {string} iconName
   * @param {string} text
   */
  const link = (page, iconName, text) =>
    html`<a
      href=${paths[page]}
      aria-current=${props.current === page ? "page" : nothing}
      @click=${(/** @type {MouseEvent} */ e) => props.onNavigate?.(e, page)}
      >${icon(iconName)}<span>${text}</span></a
    >`;
  return html`<header class="top">
    <a class="brand" href=${paths.contacts} aria-label="Grapevine">${logo}<span>Grapevine</span></a>
    ${props.workspaceMenu}
    <nav aria-label="Pages">
      ${link("contacts", "people", "Contacts")} ${link("statistics", "chart", "Statistics")} ${link("inspect", "pulse", "Pipeline")}
    </nav>
    <div class="spring"></div>
    ${
      props.members > 0
        ? html`<span
            class="presence ${props.members === 1 ? "alone" : ""}"
            title="${props.members} open pages in this workspace, including this one"
            >${icon("people")}<span>${props.members}<span class="wide"> here</span></span></span
          >`
        : ""
    }
    ${badge(props.state)}
    ${props.onHelp ? html`<button type="button" class="quiet square wide" title="Keyboard shortcuts (?)" aria-label="Keyboard shortcuts" @click=${props.onHelp}>${icon("keyboard")}</button>` : ""}
    ${themeButton(props.requestRender)}
  </header>`;
}
