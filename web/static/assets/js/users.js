// The users of the instance, for its admins.

import { html } from "../vendor/lit/lit-html.js";
import { confirmButton } from "./confirm-button.js";
import { fullTime } from "./format.js";
import { InviteForm } from "./invite-form.js";
import { ItemList } from "./item-list.js";
import { menu } from "./menu.js";
import { icon } from "./icons.js";
import { roleChoices } from "./role-select.js";
import { currentUser } from "./session.js";
import { t } from "./texts.js";

/** @import { SectionConfig } from "./account-page.js" */
/** @import { Role } from "./session.js" */

/** @typedef {{id: string, name: string, email: string, admin: boolean, disabled: boolean, sso: boolean, memberships: {workspace: string, role: Role}[]}} User */

export class Users {
  /** @type {SectionConfig} */
  #config;
  /** @type {ItemList<User>} */
  #list;
  /** @type {InviteForm} */
  #invite;

  /** @param {SectionConfig} config */
  constructor(config) {
    this.#config = config;
    this.#list = new ItemList({ ...config, path: "/users" });
    this.#invite = new InviteForm({
      ...config,
      fields: () => [
        { name: "workspace", label: t.header.workspace, value: config.workspace, hint: t.users.workspaceHint },
        { name: "role", label: t.account.role, choices: roleChoices() },
        {
          name: "admin",
          label: t.users.instance,
          choices: [
            { value: "", text: t.users.noAdmin },
            { value: "true", text: t.users.admin },
          ],
        },
      ],
      offer: ({ workspace, role, admin }) => ({ memberships: workspace ? [{ workspace, role }] : [], admin: Boolean(admin) }),
    });
  }

  load() {
    this.#list.load();
  }

  render() {
    return html`<section class="card" aria-labelledby="users-title">
        <h2 id="users-title">${t.users.heading}</h2>
        ${this.#list.render((user) => this.#row(user))}
      </section>
      ${this.#invite.render()}`;
  }

  /** @param {User} user */
  #row(user) {
    const { id, name, email, admin, disabled, memberships } = user;
    const places = memberships.map(({ workspace, role }) => `${workspace}: ${t.roles[role]}`).join(", ");
    const mark = (/** @type {string} */ text) => html`<span class="mark">${text}</span>`;
    return html`<li class="item ${disabled ? "disabled" : ""}">
      <div>
        <b dir="auto">${name}</b> ${id === currentUser()?.id ? mark(t.members.you) : ""} ${admin ? mark(t.users.admin) : ""}
        ${disabled ? mark(t.users.disabled) : ""}
        <small>${email}${places ? ` · ${places}` : ""}</small>
      </div>
      ${this.#actions(user)}
    </li>`;
  }

  /** @param {User} user */
  #actions({ id, name, admin, disabled, sso }) {
    const { say, requestRender } = this.#config;
    const change = (
      /** @type {string} */ method,
      /** @type {string} */ path,
      /** @type {string} */ done,
      /** @type {unknown} */ body = undefined,
    ) => this.#list.change(method, `/users/${id}${path}`, body).then((answer) => answer && say(done));
    const item = (/** @type {string} */ text, /** @type {() => void} */ run) =>
      html`<button type="button" @click=${run}><span>${text}</span></button>`;
    const changed = t.members.changed(name);
    return html`${menu({
      name: "user-actions",
      title: t.users.actions(name),
      button: "quiet square",
      content: icon("more"),
      popup: html`<div class="popup">
        ${item(admin ? t.users.takeAdmin : t.users.makeAdmin, () => change("PATCH", "", changed, { admin: !admin }))}
        ${item(disabled ? t.users.enable : t.users.disable, () => change("PATCH", "", changed, { disabled: !disabled }))}
        ${item(t.users.endSessions, () => change("DELETE", "/sessions", t.users.sessionsEnded(name)))}
        ${sso ? item(t.users.unlink, () => change("PATCH", "", changed, { sso: false })) : ""}
        ${item(t.users.resetLink, () => this.#reset(id, name))}
      </div>`,
    })}
    ${confirmButton({
      ...{ key: `delete-${id}`, text: t.users.delete, label: t.users.deleteOne(name), question: t.users.deleteQuestion(name) },
      ...{ run: () => change("DELETE", "", t.users.deleted(name)), requestRender },
    })}`;
  }

  /**
   * Makes the link with which a person sets another password.
   *
   * @param {string} user the id
   * @param {string} name
   */
  async #reset(user, name) {
    const answer = await this.#list.change("POST", "/invitations", { user });
    if (answer) this.#invite.show(answer.body.link, t.users.sendReset(name, fullTime(answer.body.expiresAt)));
  }
}
