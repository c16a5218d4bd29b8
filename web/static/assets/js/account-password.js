// Changes my password. All other devices are signed out then; this one stays.

import { html } from "../vendor/lit/lit-html.js";
import { Form } from "./form.js";
import { currentUser } from "./session.js";
import { newPasswordField } from "./signin-fields.js";
import { t } from "./texts.js";

/** @import { SectionConfig } from "./account-page.js" */

export class PasswordSection {
  /** @type {Form} */
  #form;

  /** @param {SectionConfig} config */
  constructor({ api, say, requestRender }) {
    this.#form = new Form({
      id: "password",
      fields: () => [
        { name: "current", label: t.account.currentPassword, type: "password", autocomplete: "current-password" },
        newPasswordField("new"),
      ],
      username: () => currentUser()?.email ?? "",
      action: () => t.account.changePassword,
      send: async (values) => {
        await api.request("PUT", "/session/password", { body: { current: values.current, new: values.new } });
        say(t.account.passwordChanged);
        dispatchEvent(new Event("sessionschange"));
      },
      requestRender,
    });
  }

  load() {}

  render() {
    return html`<section class="card" aria-labelledby="password-title">
      <h2 id="password-title">${t.account.password}</h2>
      <p class="hint">${t.account.passwordEffect}</p>
      ${this.#form.render()}
    </section>`;
  }
}
