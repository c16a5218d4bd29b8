// The menu of workspaces. The server has no list of them, so this browser remembers the last ones. A name that is new here
// may be mistyped: the menu asks before it opens a workspace without contacts.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { Api } from "./http.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { readStoredList, store } from "./storage.js";
import { t } from "./texts.js";

const storageKey = "grapevine.workspaces";
const MAX_RECENT = 8;

/** @returns {string[]} */
const recentWorkspaces = () => [...new Set(["default", ...readStoredList(storageKey)])];

/** @param {string} workspace */
export function rememberWorkspace(workspace) {
  const others = recentWorkspaces().filter((other) => other !== workspace);
  store(storageKey, JSON.stringify([workspace, ...others].slice(0, MAX_RECENT)));
}

/** Whether a workspace has no contact at all. An unanswered question counts as no. @param {string} workspace */
async function isEmpty(workspace) {
  try {
    const { body } = await new Api(workspace).get("/contacts?limit=1");
    return body.items.length === 0;
  } catch {
    return false;
  }
}

/**
 * @typedef {object} WorkspaceMenuConfig
 * @property {() => string} current
 * @property {(workspace: string) => void} onPick
 * @property {() => void} requestRender
 */

export class WorkspaceMenu {
  /** @type {WorkspaceMenuConfig} */
  #config;
  /** The empty workspace of which the menu asks whether it is meant. */
  #asked = "";

  /** @param {WorkspaceMenuConfig} config */
  constructor(config) {
    this.#config = config;
  }

  render() {
    const current = this.#config.current();
    const item = (/** @type {string} */ w) =>
      html`<button type="button" aria-current=${w === current ? "true" : nothing} @click=${() => this.#pick(w)}>
        <span>${w}</span>${w === current ? icon("check") : ""}
      </button>`;
    return menu({
      name: "workspace",
      title: t.header.workspace,
      label: nothing, // its content has the name of the workspace
      button: "",
      content: html`<span class="offscreen">${t.header.workspace} </span><span>${current}</span>${icon("down")}`,
      popup: html`<div class="popup">
        ${recentWorkspaces().map(item)}
        <form @submit=${this.#onSubmit}>
          <input
            name="workspace"
            required
            pattern="[a-z0-9][a-z0-9\\-]{0,62}"
            placeholder=${t.header.anotherWorkspace}
            aria-label=${t.header.anotherWorkspace}
            title=${t.header.workspacePattern}
            autocomplete="off"
            @input=${() => this.#ask("")}
          />
        </form>
        <div role="status">
          ${
            this.#asked
              ? html`<p>${t.header.emptyWorkspace(this.#asked)}</p>
                  <button type="button" class="begin" @click=${() => this.#pick(this.#asked)}>
                    ${icon("plus")}${t.header.beginWorkspace}
                  </button>`
              : ""
          }
        </div>
      </div>`,
      onToggle: (e) => !e.currentTarget.open && this.#ask(""),
    });
  }

  #onSubmit = async (/** @type {EventOn<HTMLFormElement>} */ e) => {
    e.preventDefault();
    const input = /** @type {HTMLInputElement} */ (e.currentTarget.elements.namedItem("workspace"));
    const workspace = input.value.trim().toLowerCase();
    if (workspace === this.#asked || recentWorkspaces().includes(workspace) || !(await isEmpty(workspace))) this.#pick(workspace);
    else if (input.value.trim().toLowerCase() === workspace) this.#ask(workspace);
  };

  /** @param {string} workspace */
  #ask(workspace) {
    if (this.#asked === workspace) return;
    this.#asked = workspace;
    this.#config.requestRender();
  }

  /** @param {string} workspace */
  #pick(workspace) {
    const details = /** @type {HTMLDetailsElement | null} */ (document.querySelector("details.workspace"));
    if (details) details.open = false;
    this.#config.onPick(workspace);
  }
}
