// Who I am, and where I may do what.

import { html } from "../vendor/lit/lit-html.js";
import { Form } from "./form.js";
import { currentUser, myWorkspaces, readSession, roleIn, usesProvider } from "./session.js";
import { t } from "./texts.js";
import { pagePaths } from "./view.js";

/** @import { SectionConfig } from "./account-page.js" */

export class Profile {
  /** @type {SectionConfig} */
  #config;
  /** @type {Form} */
  #form;

  /** @param {SectionConfig} config */
  constructor(config) {
    const { api, say, requestRender } = config;
    this.#config = config;
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
      ${
        usesProvider()
          ? html`<p class="hint">${t.account.linkProviderHint}</p>
              <button type="button" @click=${this.#linkProvider}>${t.account.linkProvider}</button>`
          : ""
      }
    </section>`;
  }

  #linkProvider = async () => {
    try {
      const { body } = await this.#config.api.request("POST", "/oidc/start", { body: { next: "/account" } });
      location.assign(body.url);
    } catch (e) {
      this.#config.fail(e);
    }
  };
}
