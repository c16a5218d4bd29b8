// The members of a workspace, for its admins.

import { html } from "../vendor/lit/lit-html.js";
import { confirmButton } from "./confirm-button.js";
import { InviteForm } from "./invite-form.js";
import { ItemList } from "./item-list.js";
import { roleChoices, roleSelect } from "./role-select.js";
import { currentUser } from "./session.js";
import { t } from "./texts.js";

/** @import { SectionConfig } from "./account-page.js" */
/** @import { Role } from "./session.js" */

/** @typedef {{id: string, name: string, email: string, role: Role}} Member */

export class Members {
  /** @type {SectionConfig} */
  #config;
  /** @type {ItemList<Member>} */
  #list;
  /** @type {InviteForm} */
  #invite;
  #path;

  /** @param {SectionConfig} config */
  constructor(config) {
    const { workspace } = config;
    this.#config = config;
    this.#path = `/workspaces/${workspace}/members`;
    this.#list = new ItemList({ ...config, path: this.#path });
    this.#invite = new InviteForm({
      ...config,
      fields: () => [{ name: "role", label: t.account.role, choices: roleChoices() }],
      offer: ({ role }) => ({ memberships: [{ workspace, role }] }),
    });
  }

  load() {
    this.#list.load();
  }

  render() {
    return html`<section class="card" aria-labelledby="members-title">
        <h2 id="members-title">${t.members.heading}</h2>
        ${this.#list.render((member) => this.#row(member))}
      </section>
      ${this.#invite.render()}`;
  }

  /** @param {Member} member */
  #row({ id, name, email, role }) {
    const { say, requestRender } = this.#config;
    const set = (/** @type {Role} */ next) =>
      this.#list.change("PUT", `${this.#path}/${id}`, { role: next }).then((done) => done && say(t.members.changed(name)));
    const remove = () => this.#list.change("DELETE", `${this.#path}/${id}`).then((done) => done && say(t.members.removed(name)));
    return html`<li class="item">
      <div>
        <b dir="auto">${name}</b> ${id === currentUser()?.id ? html`<span class="mark">${t.members.you}</span>` : ""}<small>${email}</small>
      </div>
      ${roleSelect({ role, label: t.members.roleOf(name), disabled: this.#list.busy, onPick: set })}
      ${confirmButton({
        ...{ key: `remove-${id}`, text: t.members.remove, label: t.members.removeOne(name), question: t.members.removeQuestion(name) },
        ...{ run: remove, requestRender },
      })}
    </li>`;
  }
}
