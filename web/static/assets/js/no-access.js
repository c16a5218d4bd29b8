// What the page shows of a workspace that the person may not open: the way to the others.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";
import { myWorkspaces } from "./session.js";
import { t } from "./texts.js";
import { pagePaths } from "./view.js";

/** @param {string} workspace */
export function noAccess(workspace) {
  const others = myWorkspaces();
  return html`<main class="contacts" id="main" tabindex="-1">
    <h1 class="offscreen">${t.header.contacts}</h1>
    <div class="empty" role="status">
      ${icon("people")}
      <p><b>${others.length ? t.noAccess.to(workspace) : t.noAccess.none}</b></p>
      ${others.length ? html`<p>${t.noAccess.others}</p>` : ""}
      <p class="choices">${others.map((other) => html`<a href=${pagePaths(other).contacts}>${other}</a>`)}</p>
    </div>
  </main>`;
}
