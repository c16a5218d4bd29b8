// The import dialog: choose a file, see what the server makes of it, change that, import, and see what happened.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { closeDialog } from "./dialog.js";
import { formatBytes, formatCount, plural } from "./format.js";
import { icon } from "./icons.js";
import { columnTable } from "./import-columns.js";
import { ImportJob } from "./import-job.js";
import { counts, formatName, preview, remarks } from "./import-report.js";

/** @import { Api } from "./http.js" */
/** @import { ImportOptions } from "./import-job.js" */

/** @type {[value: ImportOptions["onMatch"], text: string][]} */
const matchChoices = [
  ["skip", "Leave it as it is"],
  ["update", "Update it with the file"],
  ["add", "Add one more contact"],
];

/** Encodings of old programs, in case the guess is wrong. */
const encodings = ["utf-8", "windows-1252", "windows-1250", "windows-1251", "iso-8859-15", "utf-16le", "shift_jis", "gb18030", "euc-kr"];

/**
 * @typedef {object} ImporterConfig
 * @property {() => Api} api
 * @property {(job: ImportJob, position: MaybePosition) => void} onEnd
 * @property {() => void} onClosed
 * @property {() => void} requestRender
 */

export class Importer {
  /** @type {ImportJob | null} */
  job = null;

  /** @type {ImporterConfig} */
  #config;

  /** @param {ImporterConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {File} file */
  load(file) {
    const { api, onEnd, requestRender } = this.#config;
    this.job?.cancel();
    this.job = new ImportJob(file, { api: api(), onEnd, requestRender });
    this.job.check();
  }

  render() {
    const name = this.job ? html`<bdi>${this.job.file.name}</bdi> · ${formatBytes(this.job.file.size)}` : "";
    return html`<dialog class="dialog import" id="import" aria-labelledby="import-title" @close=${() => this.#config.onClosed()}>
      <div class="dialog-head">
        <h2 id="import-title">Import contacts</h2>
        <button type="button" class="quiet square" aria-label="Close" @click=${closeDialog}>${icon("close")}</button>
      </div>
      ${name ? html`<p class="file">${name}${this.#kindOfFile()}</p>` : ""} ${this.#body()}
    </dialog>`;
  }

  #kindOfFile() {
    const { report } = this.job ?? {};
    return report ? html` · ${formatName(report)}${report.encoding ? `, ${report.encoding}` : ""}` : "";
  }

  #body() {
    const { job } = this;
    if (!job) return this.#choose();
    switch (job.state) {
      case "checking":
        return job.report ? this.#checked(job) : this.#progress(job, job.sent < 1 ? "Sending the file…" : "Reading the file…");
      case "checked":
        return this.#checked(job);
      case "sending":
        return this.#progress(job, "Sending the file…");
      case "running":
        return this.#running(job);
      case "done":
        return this.#done(job);
      default:
        return this.#failed(job);
    }
  }

  #choose() {
    return html`<label class="drop"
        ><input
          type="file"
          autofocus
          accept=".csv,.tsv,.txt,.vcf,.vcard,.ndjson,.jsonl,text/csv,text/vcard,text/plain,application/x-ndjson"
          class="offscreen"
          @change=${(/** @type {EventOn<HTMLInputElement>} */ e) => e.target.files?.[0] && this.load(e.target.files[0])}
        />
        ${icon("upload")}<b>Drop a file here</b><span>or choose one from this computer</span></label
      >
      <p class="hint">
        Tables (CSV) and vCards of Google, Apple, Outlook, Android, Thunderbird, LinkedIn, HubSpot, Salesforce and other programs, and
        exports of Grapevine. Nothing is written before you have seen what will happen.
      </p>`;
  }

  /**
   * @param {ImportJob} job
   * @param {string} text
   */
  #progress(job, text) {
    return html`<p role="status">${text}</p>
      <progress max="1" value=${job.progress ?? nothing} aria-label="Progress"></progress>`;
  }

  /** @param {ImportJob} job after its dry run, or during another one */
  #checked(job) {
    const { report, options, state } = job;
    if (!report) return "";
    const { columns } = report;
    const wanted = report.created + report.updated;
    const unmapped = columns?.some(({ field }) => !field || field.startsWith("custom"));
    return html`<div class="checked" aria-busy=${state === "checking"}>
        ${counts(report, false)} ${preview(report)} ${report.message ? html`<p class="hint">${report.message}</p>` : ""}
        ${
          columns?.length
            ? html`<details ?open=${unmapped}>
                <summary>Columns</summary>
                ${columnTable(columns, (changed) => job.change({ columns: changed }))}
              </details>`
            : ""
        }
        ${remarks(report)} ${this.#options(job, options)}
      </div>
      <div class="dialog-foot">
        <button type="button" class="primary" ?disabled=${state === "checking" || !wanted} @click=${() => job.run()}>
          ${state === "checking" ? "Reading the file…" : wanted || !report.read ? `Import ${plural(wanted, "contact")}` : "Nothing to import"}</button
        ><button type="button" @click=${() => this.#chooseAgain()}>Another file</button>
      </div>`;
  }

  /**
   * @param {ImportJob} job
   * @param {ImportOptions} options
   */
  #options(job, { onMatch, encoding, welcome }) {
    return html`<fieldset class="choices">
        <legend>If a contact is there already</legend>
        ${matchChoices.map(([value, text]) => {
          const pick = () => job.change({ onMatch: value });
          return html`<label><input type="radio" name="onMatch" .checked=${live(onMatch === value)} @change=${pick} />${text}</label>`;
        })}
      </fieldset>
      <details>
        <summary>More options</summary>
        <label class="option"
          >Encoding
          <select @change=${(/** @type {EventOn<HTMLSelectElement>} */ e) => job.change({ encoding: e.target.value })}>
            <option value="" .selected=${!encoding}>Found by its content</option>
            ${encodings.map((name) => html`<option value=${name} .selected=${encoding === name}>${name}</option>`)}
          </select></label
        ><label class="option"
          ><input
            type="checkbox"
            .checked=${live(welcome)}
            @change=${(/** @type {EventOn<HTMLInputElement>} */ e) => job.change({ welcome: e.target.checked })}
          />Send every new contact a welcome mail</label
        >
      </details>`;
  }

  /** @param {ImportJob} job */
  #running(job) {
    const { report, rows } = job;
    const waiting = report?.state === "waiting";
    const read = `${formatCount(report?.read ?? 0)}${rows ? ` of ${formatCount(rows)}` : ""} read`;
    return html`${this.#progress(job, waiting ? report?.message || "Waiting for a worker…" : read)}
      <p class="hint">The import goes on if you close this window.</p>`;
  }

  /** @param {ImportJob} job */
  #done(job) {
    const { report } = job;
    if (!report) return "";
    return html`<div class="notice ok" role="status">
        ${icon("check")}
        <div><b>${plural(report.created, "contact")} imported.</b></div>
      </div>
      ${counts(report, true)} ${remarks(report)}
      <div class="dialog-foot">
        <button type="button" class="primary" @click=${closeDialog}>Done</button
        ><button type="button" @click=${() => this.#chooseAgain()}>Another file</button>
      </div>`;
  }

  /** @param {ImportJob} job */
  #failed(job) {
    const retry = () => (job.unknownOutcome || job.report ? job.run() : job.check());
    return html`<div class="notice bad" role="alert">
        ${icon("warn")}
        <div>
          <b>${job.unknownOutcome ? "It is not known whether the file was imported." : "The file was not imported."}</b> ${job.message}
          ${job.unknownOutcome ? "Try again: nothing is imported twice." : ""}
        </div>
      </div>
      ${job.report ? remarks(job.report) : ""}
      <div class="dialog-foot">
        <button type="button" class="primary" @click=${() => this.#chooseAgain()}>Choose another file</button
        ><button type="button" @click=${retry}>Try again</button>
      </div>`;
  }

  #chooseAgain() {
    this.job?.cancel();
    this.job = null;
    this.#config.requestRender();
  }
}
