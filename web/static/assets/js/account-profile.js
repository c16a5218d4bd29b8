// Who I am, and where I may do what.

import { html } from "../vendor/lit/lit-html.js";
import { Form } from "./form.js";
import { currentUser, myWorkspaces, readSession, roleIn } from "./session.js";
import { t } from "./texts.js";
import { pagePaths } from "./view.js";

/** @import { SectionConfig } from "./account-page.js" */

export class Profile {
  /** @type {Form} */
  #form;

  /** @param {SectionConfig} config */
  constructor({ api, say, requestRender }) {
    this.#form = new Form({
      id: "profile",
      fields: () => [{ name: "name", label: t.account.name, autocomplete: "name", value: currentUser()?.name ?? "" }],
      action: () => t.common.save,
      send: async ({ name }) => {
        await api.request("PATCH", `/users/${currentUser()?.id}`, { body: { name } });
        await readSession();
        say(t.account.saved);
      },
      requestRender,
    });
  }

  load() {}

  render() {
    const user = currentUser();
    return html`<section class="card" aria-labelledby="profile-title">
      <h2 id="profile-title">${user?.email}</h2>
      ${user?.admin ? html`<p>${t.account.instanceAdmin}</p>` : ""}
      <ul class="workspace-roles">
        ${myWorkspaces().map((id) => html`<li><a href=${pagePaths(id).contacts}>${id}</a> <small>${t.roles[roleIn(id) ?? "viewer"]}</small></li>`)}
      </ul>
      ${this.#form.render()}
    </section>`;
  }
}
