// The menu of workspaces. The server has no list of them, so this browser remembers the last ones.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";
import { closeMenuOnBlur, closeMenuOnEscape } from "./menu.js";
import { t } from "./texts.js";

const storageKey = "grapevine.workspaces";
const MAX_RECENT = 8;

/** @returns {string[]} */
function recentWorkspaces() {
  try {
    return [...new Set(["default", ...JSON.parse(localStorage.getItem(storageKey) ?? "[]")])];
  } catch {
    return ["default"]; // storage is disabled, or contains something else
  }
}

/** @param {string} workspace */
export function rememberWorkspace(workspace) {
  try {
    localStorage.setItem(
      storageKey,
      JSON.stringify([workspace, ...recentWorkspaces().filter((w) => w !== workspace)].slice(0, MAX_RECENT)),
    );
  } catch {
    // Storage is disabled: no workspace is remembered.
  }
}

/**
 * @param {string} current
 * @param {(workspace: string) => void} onPick
 */
export function workspaceMenu(current, onPick) {
  /**
   * @param {EventOn<HTMLElement>} e
   * @param {string} workspace
   */
  const pick = (e, workspace) => {
    const menu = e.target.closest("details");
    if (menu) menu.open = false;
    onPick(workspace);
  };
  const submit = (/** @type {EventOn<HTMLFormElement>} */ e) => {
    e.preventDefault();
    const input = /** @type {HTMLInputElement} */ (e.target.elements.namedItem("workspace"));
    pick(e, input.value.trim().toLowerCase());
  };
  const item = (/** @type {string} */ w) =>
    html`<button
      type="button"
      aria-current=${w === current ? "true" : nothing}
      @click=${(/** @type {EventOn<HTMLElement>} */ e) => pick(e, w)}
    >
      <span>${w}</span>${w === current ? icon("check") : ""}
    </button>`;
  return html`<details class="menu workspace" @focusout=${closeMenuOnBlur} @keydown=${closeMenuOnEscape}>
    <summary title=${t.header.workspace}>
      <span class="inner"><span class="offscreen">${t.header.workspace} </span><span>${current}</span>${icon("down")}</span>
    </summary>
    <div class="popup">
      ${recentWorkspaces().map(item)}
      <form @submit=${submit}>
        <input
          name="workspace"
          required
          pattern="[a-z0-9][a-z0-9\\-]{0,62}"
          placeholder=${t.header.anotherWorkspace}
          aria-label=${t.header.anotherWorkspace}
          title=${t.header.workspacePattern}
          autocomplete="off"
        />
      </form>
    </div>
  </details>`;
}
