// A form with its errors: each is linked to its field, and the first one gets the focus. The fields keep what is typed, pasted or
// filled in by a password manager; the form reads it when it is sent.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { focusSoon } from "./focus.js";
import { icon } from "./icons.js";
import { serverText } from "./server-text.js";
import { t } from "./texts.js";

/**
 * @typedef {object} FormField
 * @property {string} name of the field in the body, and of its error's pointer
 * @property {string} label
 * @property {"text" | "email" | "password"} [type]
 * @property {string} [autocomplete]
 * @property {string} [hint]
 * @property {string} [value] at first
 * @property {boolean} [readonly]
 * @property {{value: string, text: string}[]} [choices] makes the field a select
 */

/**
 * @typedef {object} FormConfig
 * @property {string} id
 * @property {() => FormField[]} fields
 * @property {() => string} [username] tells a password manager whose password it is
 * @property {() => string} action the text of the button
 * @property {(values: Record<string, string>) => Promise<unknown>} send rejects with the errors to show
 * @property {() => void} requestRender
 */

export class Form {
  /** @type {FormConfig} */
  #config;
  #busy = false;
  #message = "";
  /** By name of the field. @type {Record<string, string>} */
  #errors = {};

  /** @param {FormConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {{wide?: boolean}} [options] wide: the button is as wide as the fields */
  render({ wide = false } = {}) {
    const { id, fields, username, action } = this.#config;
    return html`<form class="plain-form" id=${id} novalidate @submit=${this.#onSubmit}>
      ${this.#message ? html`<div class="notice bad" id="${id}-message" role="alert" tabindex="-1">${icon("warn")}<span>${this.#message}</span></div>` : ""}
      ${username ? html`<input class="offscreen" value=${username()} autocomplete="username" readonly tabindex="-1" aria-hidden="true" />` : ""}
      ${fields().map((field) => this.#field(field))}
      <button type="submit" class="primary ${wide ? "wide-button" : ""}" ?disabled=${this.#busy}>${action()}</button>
    </form>`;
  }

  /** @param {FormField} field */
  #field({ name, label, type = "text", autocomplete = "off", hint, value = "", readonly = false, choices }) {
    const id = `${this.#config.id}-${name}`;
    const error = this.#errors[name];
    const described = [error && `${id}-error`, hint && `${id}-hint`, this.#message && `${this.#config.id}-message`].filter(Boolean);
    return html`<div class="field">
      <label for=${id}>${label}</label>
      ${
        choices
          ? html`<select id=${id} name=${name}>
              ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.text}</option>`)}
            </select>`
          : html`<input
              id=${id}
              name=${name}
              type=${type}
              value=${value}
              ?readonly=${readonly}
              autocomplete=${/** @type {any} */ (autocomplete)}
              autocapitalize="off"
              spellcheck="false"
              dir="auto"
              aria-invalid=${Boolean(error)}
              aria-describedby=${described.join(" ") || nothing}
            />`
      }
      ${error ? html`<p class="error" id="${id}-error">${t.common.fieldError(label, error)}</p>` : ""}
      ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : ""}
    </div>`;
  }

  #onSubmit = async (/** @type {EventOn<HTMLFormElement>} */ e) => {
    e.preventDefault();
    if (this.#busy) return;
    const form = e.currentTarget;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    this.#busy = true;
    this.#message = "";
    this.#errors = {};
    this.#config.requestRender();
    try {
      await this.#config.send(values);
      if (form.isConnected) form.reset();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
      this.#config.requestRender();
    }
  };

  /** @param {any} error */
  #fail(error) {
    const { id, fields } = this.#config;
    const names = fields().map(({ name }) => name);
    /** @type {string[]} */
    const others = [];
    for (const [pointer, text] of Object.entries(error.fields ?? {})) {
      const name = pointer.split("/")[1];
      if (names.includes(name)) this.#errors[name] = serverText(text);
      else others.push(serverText(text));
    }
    const inFields = Object.keys(this.#errors).length > 0;
    if (!inFields || others.length) this.#message = others.join(" ") || waitText(error) || error.message;
    const invalid = names.find((name) => this.#errors[name]);
    focusSoon(invalid ? `#${id}-${invalid}` : `#${id}-message`, () => true);
  }
}

/** How long to wait, if the server says so. @param {any} error */
function waitText({ status, retryAfter }) {
  return status === 429 && retryAfter ? t.signIn.wait(Number(retryAfter)) : "";
}
