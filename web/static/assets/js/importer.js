// The import dialog: choose a file, preview it, send it in one request, and see the errors by line. The
// server imports all lines or none.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { fileType, parseCSV, parseVCards } from "./import-preview.js";
import { closeDialog } from "./dialog.js";
import { formatBytes, formatCount, plural } from "./format.js";
import { icon } from "./icons.js";

/** @import { Api } from "./http.js" */

const PREVIEW_ROWS = 6;

/**
 * @typedef {object} ImporterConfig
 * @property {() => Api} api
 * @property {(position: MaybePosition) => void} onImported
 * @property {() => void} onClosed
 * @property {() => void} requestRender
 */

export class Importer {
  /** @type {ImporterConfig} */
  #config;
  /** @type {"choose" | "preview" | "sending" | "done" | "failed"} */
  #state = "choose";
  #message = "";

  // The file.
  #name = "";
  #size = 0;
  #text = "";
  #type = "";

  // Its preview.
  #total = 0;
  /** @type {string[]} */
  #head = [];
  /** @type {string[][]} */
  #rows = [];

  // The request.
  #progress = 0;
  #imported = 0;
  /** @type {{line: number, field: string, detail: string}[]} */
  #errors = [];
  /** Errors without a line, such as "and 233 more". @type {string[]} */
  #otherErrors = [];
  /** The connection broke, so it is not known whether the server imported the file. */
  #unknownOutcome = false;

  /** @param {ImporterConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {File} file */
  async load(file) {
    this.#name = file.name;
    this.#size = file.size;
    this.#text = await file.text();
    this.#type = fileType(file.name, this.#text);
    this.#errors = [];
    this.#otherErrors = [];
    if (!this.#type) {
      this.#state = "choose";
      this.#message = `${file.name} is neither a CSV nor a vCard file.`;
    } else {
      this.#makePreview();
      this.#state = "preview";
      this.#message = "";
    }
    this.#config.requestRender();
  }

  #makePreview() {
    if (this.#type === "text/vcard") {
      const cards = parseVCards(this.#text);
      this.#total = cards.length;
      this.#head = ["name", "email", "phone", "company"];
      this.#rows = cards.slice(0, PREVIEW_ROWS).map((card) => this.#head.map((name) => card[name] ?? ""));
    } else {
      const [head = [], ...rows] = parseCSV(this.#text);
      this.#total = rows.length;
      this.#head = head;
      this.#rows = rows.slice(0, PREVIEW_ROWS);
    }
  }

  async #send() {
    const { api, onImported, requestRender } = this.#config;
    this.#state = "sending";
    this.#progress = 0;
    requestRender();
    try {
      const answer = await api().upload("/contacts/import", this.#text, this.#type, (sent, total) => {
        this.#progress = total ? sent / total : 0;
        requestRender();
      });
      this.#state = "done";
      this.#imported = answer.body.imported;
      onImported(answer.position);
    } catch (e) {
      this.#state = "failed";
      this.#explain(e);
    }
    requestRender();
  }

  /** @param {any} e the error of the request */
  #explain(e) {
    /** @type {{line: number, field: string, detail: string}[]} */
    const errors = (e.errors ?? []).map((/** @type {any} */ { pointer, detail }) => {
      const [, line, field] = /^\/lines\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
      return { line: Number(line), field: field ?? "", detail };
    });
    this.#errors = errors.filter((error) => error.line);
    this.#otherErrors = errors.filter((error) => !error.line).map((error) => error.detail);
    this.#unknownOutcome = !e.status || e.status >= 500;
    if (this.#unknownOutcome)
      this.#message = `${e.message} Either everything or nothing was imported: check the list before you try again.`;
    else if (this.#errors.length) this.#message = "Correct these lines, then choose the file again.";
    else if (e.status === 413) this.#message = `${e.message} Split the file and import the parts.`;
    else this.#message = e.message;
  }

  render() {
    return html`<dialog
      class="dialog import"
      id="import"
      aria-labelledby="import-title"
      @close=${() => this.#config.onClosed()}
      @cancel=${(/** @type {Event} */ e) => this.#state === "sending" && e.preventDefault()}
    >
      <div class="dialog-head">
        <h2 id="import-title">Import contacts</h2>
        <button type="button" class="quiet square" aria-label="Close" ?disabled=${this.#state === "sending"} @click=${closeDialog}>
          ${icon("close")}
        </button>
      </div>
      ${this.#body()}
    </dialog>`;
  }

  #body() {
    switch (this.#state) {
      case "choose":
        return this.#choose();
      case "preview":
        return this.#preview();
      case "sending":
        return html`<p role="status">${this.#progress < 1 ? `Sending ${this.#name}…` : "Writing to MongoDB…"}</p>
          <progress max="1" value=${this.#progress < 1 ? this.#progress : nothing} aria-label="Import"></progress>`;
      case "done":
        return html`<div class="notice ok" role="status">
            ${icon("check")}
            <div><b>${plural(this.#imported, "contact")} imported.</b> They will appear in the list now.</div>
          </div>
          <div class="dialog-foot">
            <button type="button" class="primary" @click=${closeDialog}>Done</button>
          </div>`;
      default:
        return this.#failed();
    }
  }

  #choose() {
    return html`${
        this.#message
          ? html`<div class="notice bad" role="alert">
              ${icon("warn")}
              <div>${this.#message}</div>
            </div>`
          : ""
      }<label class="drop"
        ><input
          type="file"
          autofocus
          accept=".csv,.vcf,.vcard,text/csv,text/vcard"
          class="offscreen"
          @change=${(/** @type {EventOn<HTMLInputElement>} */ e) => e.target.files?.[0] && this.load(e.target.files[0])}
        />
        ${icon("upload")}<b>Drop a CSV or vCard file here</b><span>or choose one from this computer</span></label
      >
      <p class="hint">
        The first line of a CSV file names the columns: <code>firstName, lastName, email, phone, company, tags, notes…</code>, in any order.
        Separate tags with <code>;</code>. An export has the same format.
      </p>`;
  }

  #preview() {
    const head = html`<tr>
      ${this.#head.map((name) => html`<th scope="col">${name}</th>`)}
    </tr>`;
    const body = this.#rows.map(
      (row) =>
        html`<tr>
          ${this.#head.map((_, i) => html`<td>${row[i] ?? ""}</td>`)}
        </tr>`,
    );
    const more = this.#total > PREVIEW_ROWS ? `and ${formatCount(this.#total - PREVIEW_ROWS)} more. ` : "";
    return html`<p>
        <b>${this.#name}</b> · ${formatBytes(this.#size)} · ${this.#type === "text/csv" ? "CSV" : "vCard"} ·
        ${plural(this.#total, "contact")}
      </p>
      ${table("First rows of the file", head, body)}
      <p class="hint">${more}If one line is wrong, nothing is imported.</p>
      <div class="dialog-foot">
        <button type="button" class="primary" ?disabled=${!this.#total} @click=${() => this.#send()}>
          Import ${plural(this.#total, "contact")}</button
        ><button type="button" @click=${() => this.#chooseAgain()}>Another file</button>
      </div>`;
  }

  #failed() {
    const head = html`<tr>
      <th scope="col">Line</th>
      <th scope="col">Field</th>
      <th scope="col">Error</th>
    </tr>`;
    const body = this.#errors.map(
      (error) =>
        html`<tr>
          <td>${error.line}</td>
          <td>${error.field}</td>
          <td>${error.detail}</td>
        </tr>`,
    );
    return html`<div class="notice bad" role="alert">
        ${icon("warn")}
        <div><b>${this.#unknownOutcome ? "It is not known whether this was imported." : "Nothing was imported."}</b> ${this.#message}</div>
      </div>
      ${this.#errors.length ? [table("Errors by line", head, body), this.#otherErrors.map((text) => html`<p class="hint">${text}</p>`)] : ""}
      <div class="dialog-foot">
        <button type="button" class="primary" @click=${() => this.#chooseAgain()}>
          ${this.#errors.length ? "Choose the corrected file" : "Choose another file"}</button
        ><button type="button" @click=${() => this.#send()}>Try again</button>
      </div>`;
  }

  #chooseAgain() {
    this.#state = "choose";
    this.#message = "";
    this.#config.requestRender();
  }
}

/**
 * @param {string} label
 * @param {unknown} head
 * @param {unknown} body
 */
const table = (label, head, body) =>
  html`<div class="preview" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead>
        ${head}
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
