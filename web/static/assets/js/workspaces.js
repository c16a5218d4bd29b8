// Going from one workspace to another. The server keeps no list of them, so this browser remembers the
// last ones.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { menuKeys, menuLeft } from "./chrome.js";
import { icon } from "./icons.js";

const key = "grapevine.workspaces";
const KEPT = 8;

function recent() {
  try {
    return [...new Set(["default", ...JSON.parse(localStorage.getItem(key) ?? "[]")])];
  } catch {
    return ["default"]; // storage is switched off, or holds something else
  }
}

export function rememberWorkspace(workspace) {
  try {
    localStorage.setItem(key, JSON.stringify([workspace, ...recent().filter((w) => w !== workspace)].slice(0, KEPT)));
  } catch {
    // Then there is no list of recent ones.
  }
}

/** The menu in the header; go(workspace) is called with the one that was chosen. */
export function workspaceMenu(current, go) {
  const choose = (e, workspace) => {
    e.target.closest("details").open = false;
    go(workspace);
  };
  const enter = (e) => {
    e.preventDefault();
    choose(e, e.target.elements.workspace.value.trim().toLowerCase());
  };
  const one = (w) =>
    html`<button type="button" aria-current=${w === current ? "true" : nothing} @click=${(e) => choose(e, w)}>
      <span>${w}</span>${w === current ? icon("check") : ""}
    </button>`;
  return html`<details class="menu workspace" @focusout=${menuLeft} @keydown=${menuKeys}>
    <summary title="Workspace">
      <span class="inner"><span class="offscreen">Workspace </span><span>${current}</span>${icon("down")}</span>
    </summary>
    <div class="popup">
      ${recent().map(one)}
      <form @submit=${enter}>
        <input
          name="workspace"
          required
          pattern="[a-z0-9][a-z0-9\\-]{0,62}"
          placeholder="Another workspace"
          aria-label="Another workspace"
          title="Small letters, digits and hyphens"
          autocomplete="off"
        />
      </form>
    </div>
  </details>`;
}
