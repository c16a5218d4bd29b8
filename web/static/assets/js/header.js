// The header of both pages: navigation, workspace, people present, connection and colour theme.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { appMenu } from "./app-menu.js";
import { icon, logo } from "./icons.js";
import { onPlainClick } from "./links.js";
import { t } from "./texts.js";
import { pagePaths } from "./view.js";

/** @import { Command } from "./commands.js" */
/** @import { RoomSocket } from "./room-socket.js" */

/** The tone of the badge by state. @type {Record<string, string>} */
const tones = { connecting: "wait", "catching up": "wait", live: "ok", degraded: "warn", offline: "bad", refused: "bad" };

/**
 * The state of the connection, or "degraded" if it is up and the server's pipeline is behind.
 *
 * @param {RoomSocket} socket
 */
export const connectionState = ({ degraded, state }) => (degraded && (state === "live" || state === "catching up") ? "degraded" : state);

/** @param {string} state */
function badge(state) {
  const [text, title] = t.header.states[state];
  return html`<span class="badge ${tones[state]}" role="status" title=${title} data-state=${state}
    ><i class="dot"></i><span>${text}</span></span
  >`;
}

/** Moves the focus past the header. @param {Event} e */
function skipToMain(e) {
  e.preventDefault();
  (document.getElementById("grid") ?? document.getElementById("main"))?.focus();
}

/**
 * @typedef {object} HeaderProps
 * @property {"contacts" | "statistics" | "inspect" | "api"} current
 * @property {string} workspace
 * @property {unknown} workspaceMenu
 * @property {number} members how many pages are open on the workspace
 * @property {string} state of the connection; empty if the page has none
 * @property {(page: "contacts" | "statistics") => void} [onNavigate] absent: the browser follows the link
 * @property {Command[]} commands of the page
 */

/** @param {HeaderProps} props */
export function header(props) {
  const paths = pagePaths(props.workspace);
  const { onNavigate } = props;
  const follow = (/** @type {"contacts" | "statistics"} */ page) => (onNavigate ? onNavigate(page) : location.assign(paths[page]));
  /**
   * @param {"contacts" | "statistics" | "inspect"} page
   * @param {string} iconName
   * @param {string} text
   */
  const link = (page, iconName, text) =>
    html`<a
      href=${paths[page]}
      aria-current=${props.current === page ? "page" : nothing}
      @click=${page === "inspect" ? nothing : onPlainClick(() => follow(page))}
      >${icon(iconName)}<span>${text}</span></a
    >`;
  return html`<a class="skip" href="#main" @click=${skipToMain}>${t.header.skip}</a>
    <header class="top">
      <a class="brand" href=${paths.contacts} aria-label="Grapevine">${logo}<span>Grapevine</span></a>
      ${props.workspaceMenu}
      <nav aria-label=${t.header.pages}>
        ${link("contacts", "people", t.header.contacts)} ${link("statistics", "chart", t.header.statistics)}
        ${link("inspect", "pulse", t.header.pipeline)}
      </nav>
      <div class="spring"></div>
      ${
        props.members > 0
          ? html`<span class="presence ${props.members === 1 ? "alone" : ""}" title=${t.header.presence(props.members)}
              >${icon("people")}<span class="wide">${t.header.here(props.members)}</span
              ><span class="narrow-only">${props.members}</span></span
            >`
          : ""
      }
      ${props.state ? badge(props.state) : ""} ${appMenu(props.commands)}
    </header>`;
}
