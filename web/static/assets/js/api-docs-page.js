// The page that shows the API: every operation of openapi.json, and forms to try them.

import { html, render } from "../vendor/lit/lit-html.js";
import { ApiOperation } from "./api-operation.js";
import { copy } from "./clipboard.js";
import { listenForCommands } from "./commands.js";
import { header } from "./header.js";
import { helpDialog } from "./help.js";
import { paragraphs } from "./paragraphs.js";
import { scheduleRender } from "./schedule-render.js";
import { sharedCommands } from "./shared-commands.js";
import { t } from "./texts.js";
import { Toasts } from "./toasts.js";
import { pagePaths, parseView } from "./view.js";
import { WorkspaceMenu } from "./workspaces.js";

const HIDDEN_RENDER_DELAY = 500;

export class ApiDocsPage {
  /** @type {HTMLElement} */
  #root;
  #requestRender = scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY);
  #toasts = new Toasts(this.#requestRender);
  #workspace = parseView(location.search).workspace;
  #commands = sharedCommands({ workspace: () => this.#workspace, requestRender: this.#requestRender });
  /** @type {any} */
  #document = null;
  /** The operations of each tag. @type {Map<string, ApiOperation[]>} */
  #operations = new Map();
  #failed = false;

  #workspaceMenu = new WorkspaceMenu({
    current: () => this.#workspace,
    onPick: (workspace) => location.assign(pagePaths(workspace).contacts),
    requestRender: this.#requestRender,
  });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    listenForCommands(() => this.#commands);
    addEventListener("textschange", this.#requestRender);
  }

  async start() {
    this.#render();
    try {
      const response = await fetch("/openapi.json");
      this.#document = await response.json();
      this.#collect();
    } catch {
      this.#failed = true;
    }
    this.#render();
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }

  #collect() {
    for (const { name } of this.#document.tags) this.#operations.set(name, []);
    for (const [path, methods] of Object.entries(this.#document.paths))
      for (const [method, operation] of Object.entries(/** @type {Record<string, any>} */ (methods))) {
        const config = {
          ...{ document: this.#document, path, method, operation },
          copy: (/** @type {string} */ text) => copy(text, this.#toasts),
          requestRender: this.#requestRender,
        };
        this.#operations.get(operation.tags?.[0])?.push(new ApiOperation(config));
      }
  }

  #render() {
    render(
      html`${header({
        current: "api",
        workspace: this.#workspace,
        workspaceMenu: this.#workspaceMenu.render(),
        members: 0,
        state: "",
        commands: this.#commands,
      })}
      ${this.#document ? this.#content() : html`<main class="api" id="main" tabindex="-1"><p class="loading" role="status">${this.#failed ? t.common.unreachable : t.common.loading}</p></main>`}
      ${this.#toasts.render()} ${helpDialog(this.#commands)}`,
      this.#root,
    );
  }

  #content() {
    const { info, tags } = this.#document;
    const groups = tags.filter((/** @type {{name: string}} */ { name }) => this.#operations.get(name)?.length);
    return html`<div class="api-columns">
      <nav class="api-nav" aria-label=${t.api.operations}>
        ${groups.map(
          (/** @type {{name: string}} */ { name }) =>
            html`<h2>${name}</h2>
              <ul>
                ${this.#operations.get(name)?.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
              </ul>`,
        )}
      </nav>
      <main class="api" id="main" tabindex="-1">
        <h1>${t.api.title}</h1>
        ${paragraphs(info.description)}
        <p>
          <a href="/openapi.json"><code>openapi.json</code></a> · <a href="/asyncapi.json"><code>asyncapi.json</code></a>
        </p>
        ${groups.map(
          (/** @type {{name: string, description: string}} */ { name, description }) =>
            html`<h2>${name}</h2>
              <p>${description}</p>
              ${this.#operations.get(name)?.map((operation) => operation.render())}`,
        )}
      </main>
    </div>`;
  }
}
