// One operation of the API: what it takes, what it answers, and a form to try it.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { curlCommand, planRequest } from "./api-request.js";
import { exampleOf, resolve, schemaRows, typeText } from "./api-schema.js";
import { icon } from "./icons.js";
import { paragraphs } from "./paragraphs.js";
import { t } from "./texts.js";

const MAX_SHOWN = 20000; // characters of an answer
const triedTags = ["Contacts", "Statistics", "Operations"]; // the others are sockets and pages

/**
 * @typedef {object} ApiOperationConfig
 * @property {any} document
 * @property {string} path
 * @property {string} method
 * @property {any} operation
 * @property {(text: string) => void} copy
 * @property {() => void} requestRender
 */

export class ApiOperation {
  /** @type {ApiOperationConfig} */
  #config;
  /** The values that were typed, by the name of the parameter. @type {Record<string, string>} */
  #values = {};
  #body = "";
  /** @type {{status: string, headers: string, body: string} | null} */
  #answer = null;
  #running = false;

  /** @param {ApiOperationConfig} config */
  constructor(config) {
    this.#config = config;
    const content = this.#content();
    if (content) this.#body = JSON.stringify(exampleOf(config.document, content.schema), null, 2);
  }

  get id() {
    return this.#config.operation.operationId;
  }

  get title() {
    return this.#config.operation.summary;
  }

  /** @returns {{name: string, in: string, required?: boolean, description?: string, schema: any, example?: any}[]} */
  get #parameters() {
    const { document, operation } = this.#config;
    return (operation.parameters ?? []).map((/** @type {any} */ parameter) => resolve(document, parameter));
  }

  /** The JSON that the operation takes, if it takes any. */
  #content() {
    const { document, operation } = this.#config;
    const all = Object.entries(resolve(document, operation.requestBody)?.content ?? {});
    const [type, content] = all.find(([name]) => name.includes("json")) ?? [];
    return content && { type: String(type), schema: content.schema };
  }

  #plan() {
    const { path, method } = this.#config;
    const content = this.#content();
    return planRequest(method, path, this.#parameters, this.#values, content && { type: content.type, text: this.#body });
  }

  render() {
    const { path, method, operation } = this.#config;
    return html`<section class="card operation" id=${this.id} aria-labelledby="${this.id}-title">
      <h3 id="${this.id}-title">${this.title}</h3>
      <p class="call"><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></p>
      ${paragraphs(operation.description)} ${this.#parameterTable()} ${this.#bodyTable()} ${this.#answers()}
      ${triedTags.includes(operation.tags?.[0]) ? this.#tryForm() : ""}
    </section>`;
  }

  #parameterTable() {
    const { document } = this.#config;
    const rows = this.#parameters.map(({ name, in: place, required, description = "", schema }) => ({
      name,
      type: `${place}, ${typeText(document, schema)}`,
      required: Boolean(required),
      description,
      depth: 0,
    }));
    return rows.length ? table(t.api.parameters, rows) : "";
  }

  #bodyTable() {
    const content = this.#content();
    return content ? table(t.api.body, schemaRows(this.#config.document, content.schema)) : "";
  }

  #answers() {
    const { document, operation } = this.#config;
    const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => ({ status, ...resolve(document, answer) }));
    return html`<details>
      <summary>${t.api.answers}</summary>
      ${answers.map(({ status, description, content }) => {
        const [type, media] = Object.entries(content ?? {})[0] ?? [];
        const rows = media?.schema && !String(type).includes("problem") ? schemaRows(document, media.schema) : [];
        return html`<h4><code>${status}</code> ${description} ${type ? html`<small>${type}</small>` : ""}</h4>
          ${rows.length ? table(`${status} ${description}`, rows) : ""}`;
      })}
    </details>`;
  }

  #tryForm() {
    const { copy, requestRender } = this.#config;
    const content = this.#content();
    const field = (/** @type {{name: string, in: string, required?: boolean}} */ { name, required = false }) =>
      html`<label
        >${name}<input
          type="text"
          spellcheck="false"
          autocomplete="off"
          ?required=${required}
          .value=${live(this.#values[name] ?? "")}
          @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => {
            this.#values[name] = e.target.value;
            requestRender();
          }}
      /></label>`;
    const command = curlCommand(location.origin, this.#plan());
    return html`<details class="try">
      <summary>${t.api.try}</summary>
      <form
        @submit=${(/** @type {Event} */ e) => {
          e.preventDefault();
          this.#send();
        }}
      >
        ${this.#parameters.map(field)}
        ${
          content
            ? html`<label
                >${t.api.body}<textarea
                  rows="6"
                  spellcheck="false"
                  .value=${live(this.#body)}
                  @input=${(/** @type {EventOn<HTMLTextAreaElement>} */ e) => {
                    this.#body = e.target.value;
                    requestRender();
                  }}
                ></textarea>
              </label>`
            : ""
        }
        <button type="submit" class="primary" ?disabled=${this.#running}>${t.api.send}</button>
      </form>
      <div class="code">
        <code>${command}</code
        ><button
          type="button"
          class="quiet square small"
          aria-label=${t.api.copyCommand}
          title=${t.api.copyCommand}
          @click=${() => copy(command)}
        >
          ${icon("copy")}
        </button>
      </div>
      ${
        this.#answer
          ? html`<div class="answer" role="status">
              <p><b>${this.#answer.status}</b></p>
              <pre tabindex="0" role="group" aria-label=${t.api.headers}>${this.#answer.headers}</pre>
              <pre tabindex="0" role="group" aria-label=${t.api.answer}>${this.#answer.body}</pre>
            </div>`
          : ""
      }
    </details>`;
  }

  async #send() {
    const { requestRender } = this.#config;
    this.#running = true;
    requestRender();
    try {
      const { method, path, headers, body } = this.#plan();
      const response = await fetch(path, { method, headers, body, cache: "no-store" });
      const text = await response.text();
      this.#answer = {
        status: `${response.status} ${response.statusText}`,
        headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"),
        body: readable(text).slice(0, MAX_SHOWN),
      };
    } catch {
      this.#answer = { status: t.common.unreachable, headers: "", body: "" };
    }
    this.#running = false;
    requestRender();
  }
}

/** JSON with line breaks; any other text as it is. @param {string} text */
function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * @param {string} caption
 * @param {import("./api-schema.js").SchemaRow[]} rows
 */
const table = (caption, rows) =>
  html`<div class="scrollable" tabindex="0" role="group" aria-label=${caption}>
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t.api.name}</th>
          <th scope="col">${t.api.type}</th>
          <th scope="col">${t.api.meaning}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, type, required, description, depth }) =>
            html`<tr>
              <th scope="row" class="depth-${depth}"><code>${name}</code>${required ? html` <small>${t.api.required}</small>` : ""}</th>
              <td><code>${type}</code></td>
              <td>${description}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
