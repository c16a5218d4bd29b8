// What both pages have around them: name, navigation, who is here, the connection, colours.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { icon, logo } from "./icons.js";
import { themeButton } from "./theme.js";

const words = {
  connecting: ["wait", "Connecting", "Connecting to the server."],
  "catching up": ["wait", "Catching up", "Receiving what happened while this page was away."],
  live: ["ok", "Live", "Every change in MongoDB appears here as it happens."],
  degraded: [
    "warn",
    "Degraded",
    "Connected, but changes are arriving late: the pipeline is behind or has stopped. Reads come from MongoDB and stay right.",
  ],
  offline: ["bad", "Offline", "No connection. Trying again; nothing that happens meanwhile will be missed."],
  refused: ["bad", "Refused", "The server does not accept this page's connection. Reload the page."],
};

/** One word for the connection: its own state, or "degraded" when it is up and the pipeline is not. */
export const connectionState = (live) =>
  live.degraded && (live.state === "live" || live.state === "catching up") ? "degraded" : live.state;

export function badge(state) {
  const [tone, text, title] = words[state];
  return html`<span class="badge ${tone}" role="status" title=${title} data-state=${state}><i class="dot"></i><span>${text}</span></span>`;
}

/** Where the pages of a workspace are. */
export function paths(workspace) {
  const query = workspace === "default" ? "" : `?workspace=${encodeURIComponent(workspace)}`;
  return { contacts: `/${query}`, statistics: `/${query ? `${query}&` : "?"}view=statistics`, inspect: `/inspect${query}` };
}

/** parts: {current, workspace, members, state, onNavigate(event, page), onHelp, rerender}. */
export function header(parts) {
  const to = paths(parts.workspace);
  const link = (page, href, name, text) =>
    html`<a href=${href} aria-current=${parts.current === page ? "page" : nothing} @click=${(e) => parts.onNavigate?.(e, page)}
      >${icon(name)}<span>${text}</span></a
    >`;
  return html`<header class="top">
    <a class="brand" href=${to.contacts} aria-label="Grapevine">${logo}<span>Grapevine</span></a>
    ${parts.workspaceButton ?? ""}
    <nav aria-label="Pages">
      ${link("contacts", to.contacts, "people", "Contacts")} ${link("statistics", to.statistics, "chart", "Statistics")}
      ${link("inspect", to.inspect, "pulse", "Pipeline")}
    </nav>
    <div class="spring"></div>
    ${
      parts.members > 0
        ? html`<span
            class="presence ${parts.members === 1 ? "alone" : ""}"
            title="${parts.members} open on this workspace, this page included"
            >${icon("people")}<span>${parts.members}<span class="wide"> here</span></span></span
          >`
        : ""
    }
    ${badge(parts.state)}
    ${parts.onHelp ? html`<button type="button" class="quiet square wide" title="Keyboard shortcuts (?)" aria-label="Keyboard shortcuts" @click=${parts.onHelp}>${icon("keyboard")}</button>` : ""}
    ${themeButton(parts.rerender)}
  </header>`;
}

/** A menu made of <details> closes when the focus leaves it, and on Escape. */
export const menuLeft = (e) => e.currentTarget.contains(e.relatedTarget) || (e.currentTarget.open = false);

export function menuKeys(e) {
  if (e.key !== "Escape" || !e.currentTarget.open) return;
  e.stopPropagation();
  e.currentTarget.open = false;
  e.currentTarget.querySelector("summary").focus();
}

/** Puts text on the clipboard, also where the page is no secure context. */
export async function copy(text) {
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
