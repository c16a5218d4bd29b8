// Import by dropping a file: a look at what is in it, one request for all of it, its progress, and
// errors by line. The server takes all lines or none.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { fileType, parseCSV, parseVCards } from "./csv.js";
import { icon } from "./icons.js";
import { bytes, count, plural } from "./times.js";

const SHOWN = 6;

export class Importer {
  /** app: {api(), changed(), onImported(n, position), closed()}. */
  constructor(app) {
    this.app = app;
    this.state = "choose"; // "preview", "sending", "done", "failed"
    this.progress = 0;
  }

  async take(file) {
    this.file = file;
    this.text = await file.text();
    this.type = fileType(file.name, this.text);
    this.errors = [];
    this.more = [];
    if (!this.type) {
      this.state = "choose";
      this.message = `${file.name} is neither a CSV nor a vCard file.`;
    } else {
      this.#look();
      this.state = "preview";
      this.message = "";
    }
    this.app.changed();
  }

  #look() {
    if (this.type === "text/vcard") {
      const cards = parseVCards(this.text);
      this.total = cards.length;
      this.head = ["name", "email", "phone", "company"];
      this.rows = cards.slice(0, SHOWN).map((c) => this.head.map((h) => c[h] ?? ""));
    } else {
      const [head = [], ...rows] = parseCSV(this.text);
      this.total = rows.length;
      this.head = head;
      this.rows = rows.slice(0, SHOWN);
    }
  }

  async send() {
    this.state = "sending";
    this.progress = 0;
    this.app.changed();
    try {
      const answer = await this.app.api().upload("/contacts/import", this.text, this.type, (sent, all) => {
        this.progress = all ? sent / all : 0;
        this.app.changed();
      });
      this.state = "done";
      this.imported = answer.body.imported;
      this.app.onImported(this.imported, answer.position);
    } catch (e) {
      this.state = "failed";
      const errors = (e.errors ?? []).map(({ pointer, detail }) => {
        const [, line, field] = /^\/lines\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
        return { line: Number(line), field: field ?? "", detail };
      });
      this.errors = errors.filter((error) => error.line);
      this.more = errors.filter((error) => !error.line).map((error) => error.detail); // "and 233 more"
      this.unknown = !e.status || e.status >= 500;
      if (this.unknown) this.message = `${e.message} All of it was imported, or nothing: look at the list before you try again.`;
      else if (this.errors.length) this.message = "Correct these lines, then choose the file again.";
      else if (e.status === 413) this.message = `${e.message} Split the file and import the parts.`;
      else this.message = e.message;
    }
    this.app.changed();
  }

  view() {
    return html`<dialog
      class="dialog import"
      id="import"
      aria-labelledby="import-title"
      @close=${() => this.app.closed()}
      @cancel=${(e) => this.state === "sending" && e.preventDefault()}
    >
      <div class="dialog-head">
        <h2 id="import-title">Import contacts</h2>
        <button
          type="button"
          class="quiet square"
          aria-label="Close"
          ?disabled=${this.state === "sending"}
          @click=${(e) => e.target.closest("dialog").close()}
        >
          ${icon("close")}
        </button>
      </div>
      ${this.#body()}
    </dialog>`;
  }

  #body() {
    const drop = html`<label class="drop"
        ><input
          type="file"
          autofocus
          accept=".csv,.vcf,.vcard,text/csv,text/vcard"
          class="offscreen"
          @change=${(e) => e.target.files[0] && this.take(e.target.files[0])}
        />
        ${icon("upload")}<b>Drop a CSV or vCard file here</b><span>or choose one from this computer</span></label
      >
      <p class="hint">
        CSV columns carry the names of the fields: <code>firstName, lastName, email, phone, company, tags, notes…</code>, in any order.
        Several tags are parted by <code>;</code>. An export has the same form.
      </p>`;
    switch (this.state) {
      case "choose":
        return html`${
          this.message
            ? html`<div class="notice bad" role="alert">
                ${icon("warn")}
                <div>${this.message}</div>
              </div>`
            : ""
        }${drop}`;
      case "preview":
        return html`<p>
            <b>${this.file.name}</b> · ${bytes(this.file.size)} · ${this.type === "text/csv" ? "CSV" : "vCard"} ·
            ${plural(this.total, "contact")}
          </p>
          <div class="preview" tabindex="0" role="region" aria-label="First rows of the file">
            <table>
              <thead>
                <tr>
                  ${this.head.map((h) => html`<th scope="col">${h}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${this.rows.map(
                  (r) =>
                    html`<tr>
                      ${this.head.map((_, i) => html`<td>${r[i] ?? ""}</td>`)}
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>
          ${this.total > SHOWN ? html`<p class="hint">and ${count(this.total - SHOWN)} more. All of them are imported, or, if one line is wrong, none.</p>` : html`<p class="hint">All of them are imported, or, if one line is wrong, none.</p>`}
          <div class="dialog-foot">
            <button type="button" class="primary" ?disabled=${!this.total} @click=${() => this.send()}>
              Import ${plural(this.total, "contact")}</button
            ><button type="button" @click=${() => this.#again()}>Another file</button>
          </div>`;
      case "sending":
        return html`<p role="status">${this.progress < 1 ? `Sending ${this.file.name}…` : "Writing to MongoDB…"}</p>
          <progress max="1" value=${this.progress < 1 ? this.progress : nothing} aria-label="Import"></progress>`;
      case "done":
        return html`<div class="notice ok" role="status">
            ${icon("check")}
            <div><b>${plural(this.imported, "contact")} imported.</b> They are arriving in the list through the change stream.</div>
          </div>
          <div class="dialog-foot">
            <button type="button" class="primary" @click=${(e) => e.target.closest("dialog").close()}>Done</button>
          </div>`;
      default:
        return html`<div class="notice bad" role="alert">
            ${icon("warn")}
            <div><b>${this.unknown ? "It is not known whether this was imported." : "Nothing was imported."}</b> ${this.message}</div>
          </div>
          ${
            this.errors.length
              ? html`<div class="preview" tabindex="0" role="region" aria-label="Errors by line">
                    <table>
                      <thead>
                        <tr>
                          <th scope="col">Line</th>
                          <th scope="col">Field</th>
                          <th scope="col">What is wrong</th>
                        </tr>
                      </thead>
                      <tbody>
                        ${this.errors.map(
                          (e) =>
                            html`<tr>
                              <td>${e.line}</td>
                              <td>${e.field}</td>
                              <td>${e.detail}</td>
                            </tr>`,
                        )}
                      </tbody>
                    </table>
                  </div>
                  ${this.more.map((text) => html`<p class="hint">${text}</p>`)}`
              : ""
          }
          <div class="dialog-foot">
            <button type="button" class="primary" @click=${() => this.#again()}>
              ${this.errors.length ? "Choose the corrected file" : "Choose another file"}</button
            ><button type="button" @click=${() => this.send()}>Try again</button>
          </div>`;
    }
  }

  #again() {
    this.state = "choose";
    this.message = "";
    this.app.changed();
  }
}
