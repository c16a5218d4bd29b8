// The pages of accounts: mine, the members of a workspace, and the users of the instance. Each is a row of sections.

import { html, render } from "../vendor/lit/lit-html.js";
import { copy } from "./clipboard.js";
import { listenForCommands } from "./commands.js";
import { header } from "./header.js";
import { helpDialog } from "./help.js";
import { Api } from "./http.js";
import { Members } from "./members.js";
import { PasswordSection } from "./account-password.js";
import { Profile } from "./account-profile.js";
import { scheduleRender } from "./schedule-render.js";
import { currentUser, isAuthOff, isInstanceAdmin, may } from "./session.js";
import { sharedCommands } from "./shared-commands.js";
import { watchSession } from "./signed-out.js";
import { Sessions } from "./account-sessions.js";
import { t } from "./texts.js";
import { Toasts } from "./toasts.js";
import { Tokens } from "./account-tokens.js";
import { Users } from "./users.js";
import { pagePaths, parseView } from "./view.js";
import { WorkspaceMenu } from "./workspaces.js";

const HIDDEN_RENDER_DELAY = 500;

/**
 * What the sections need of the page.
 *
 * @typedef {object} SectionConfig
 * @property {Api} api
 * @property {string} workspace
 * @property {(text: string) => void} copy
 * @property {(text: string) => void} say a short message
 * @property {(error: any) => void} fail
 * @property {() => void} requestRender
 */

/** @typedef {{load: () => void, render: () => unknown}} Section */

export class AccountPage {
  /** @type {HTMLElement} */
  #root;
  #requestRender = scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY);
  #workspace = parseView(location.search).workspace;
  #toasts = new Toasts(this.#requestRender);
  #commands = sharedCommands({ workspace: () => this.#workspace, toasts: this.#toasts, requestRender: this.#requestRender });
  #workspaceMenu = new WorkspaceMenu({
    current: () => this.#workspace,
    onPick: (workspace) => location.assign(location.pathname === "/members" ? pagePaths(workspace).members : pagePaths(workspace).contacts),
    requestRender: this.#requestRender,
  });
  /** @type {Section[]} */
  #sections = [];

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    listenForCommands(() => this.#commands);
    addEventListener("textschange", this.#requestRender);
    watchSession({ root, forget: () => (this.#sections = []), onChange: this.#requestRender });
  }

  start() {
    /** @type {SectionConfig} */
    const config = {
      api: new Api(this.#workspace),
      workspace: this.#workspace,
      copy: (text) => void copy(text, this.#toasts),
      say: (text) => void this.#toasts.show(text),
      fail: (error) => void this.#toasts.show(error.message, { kind: "error" }),
      requestRender: this.#requestRender,
    };
    if (this.#allowed) this.#sections = this.#makeSections(config);
    for (const section of this.#sections) section.load();
    this.#render();
  }

  /** @param {SectionConfig} config @returns {Section[]} */
  #makeSections(config) {
    switch (location.pathname) {
      case "/members":
        return [new Members(config)];
      case "/admin/users":
        return [new Users(config)];
      default:
        return [new Profile(config), new PasswordSection(config), new Sessions(config), new Tokens(config)];
    }
  }

  get #allowed() {
    if (isAuthOff() || !currentUser()) return false;
    if (location.pathname === "/members") return may("admin", this.#workspace);
    return location.pathname === "/account" || isInstanceAdmin();
  }

  #title() {
    if (location.pathname === "/members") return t.members.title(this.#workspace);
    return location.pathname === "/account" ? t.account.title : t.users.title;
  }

  #render() {
    const title = this.#title();
    render(
      html`${header({
          current: "account",
          workspace: this.#workspace,
          workspaceMenu: this.#workspaceMenu.render(),
          members: 0,
          state: "",
          commands: this.#commands,
        })}
        <main class="account" id="main" tabindex="-1">
          <h1>${title}</h1>
          ${this.#allowed ? this.#sections.map((section) => section.render()) : this.#refusal()}
        </main>
        ${this.#toasts.render()} ${helpDialog(this.#commands)}`,
      this.#root,
    );
    document.title = `${title} · Grapevine`;
  }

  /** Why the page shows nothing. */
  #refusal() {
    const why = isAuthOff() ? t.signIn.off : !currentUser() ? t.common.loading : t.account.notAllowed;
    return html`<p role="status">${why}</p>
      <p><a href=${pagePaths(this.#workspace).contacts}>${t.signIn.toContacts}</a></p>`;
  }
}
