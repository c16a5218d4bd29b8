// Makes the link that invites somebody. It is shown once; the person who invites sends it.

import { html } from "../vendor/lit/lit-html.js";
import { Form } from "./form.js";
import { fullTime } from "./format.js";
import { secretBox } from "./secret-box.js";
import { t } from "./texts.js";

/** @import { SectionConfig } from "./account-page.js" */
/** @import { FormField } from "./form.js" */

/**
 * @typedef {object} InviteFormConfig
 * @property {() => FormField[]} fields beside the e-mail
 * @property {(values: Record<string, string>) => object} offer of the body, from the values of these fields
 */

export class InviteForm {
  /** @type {SectionConfig} */
  #config;
  /** @type {Form} */
  #form;
  /** The link that was made last. @type {{link: string, hint: string} | null} */
  #made = null;

  /** @param {SectionConfig & InviteFormConfig} config */
  constructor(config) {
    const { api, fields, offer, requestRender } = config;
    this.#config = config;
    this.#form = new Form({
      id: "invite",
      fields: () => [{ name: "email", label: t.signIn.email, type: "email" }, ...fields()],
      action: () => t.members.makeLink,
      send: async (values) => {
        const { body } = await api.request("POST", "/invitations", { body: { email: values.email, ...offer(values) } });
        this.show(body.link, t.members.sendLink(values.email, fullTime(body.expiresAt)));
      },
      requestRender,
    });
  }

  /**
   * Shows a link, once.
   *
   * @param {string} link
   * @param {string} hint
   */
  show(link, hint) {
    this.#made = { link, hint };
    this.#config.requestRender();
  }

  render() {
    const { copy, requestRender } = this.#config;
    const close = () => {
      this.#made = null;
      requestRender();
    };
    return html`<section class="card" aria-labelledby="invite-title">
      <h2 id="invite-title">${t.members.invite}</h2>
      ${this.#made ? secretBox({ text: this.#made.link, hint: this.#made.hint, copy, close }) : ""} ${this.#form.render()}
    </section>`;
  }
}
