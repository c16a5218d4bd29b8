// The import dialog: choose a file, see what the server makes of it, change that, import, and see what happened.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { closeDialog } from "./dialog.js";
import { formatBytes } from "./format.js";
import { icon } from "./icons.js";
import { columnTable } from "./import-columns.js";
import { ImportJob } from "./import-job.js";
import { counts, formatName, preview, remarks } from "./import-report.js";
import { formatCount } from "./plural.js";
import { serverText } from "./server-text.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */
/** @import { ImportOptions } from "./import-job.js" */

/** @type {ImportOptions["onMatch"][]} */
const matchChoices = ["skip", "update", "add"];

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
        <h2 id="import-title">${t.import.title}</h2>
        <button type="button" class="quiet square" aria-label=${t.common.close} @click=${closeDialog}>${icon("close")}</button>
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
        return job.report ? this.#checked(job) : this.#progress(job, job.sent < 1 ? t.import.sending : t.import.reading);
      case "checked":
        return this.#checked(job);
      case "sending":
        return this.#progress(job, t.import.sending);
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
        ${icon("upload")}<b>${t.import.drop}</b><span>${t.import.choose}</span></label
      >
      <p class="hint">${t.import.programs}</p>`;
  }

  /**
   * @param {ImportJob} job
   * @param {string} text
   */
  #progress(job, text) {
    return html`<p role="status">${text}</p>
      <progress max="1" value=${job.progress ?? nothing} aria-label=${t.import.progress}></progress>`;
  }

  /** @param {ImportJob} job after its dry run, or during another one */
  #checked(job) {
    const { report, options, state } = job;
    if (!report) return "";
    const { columns } = report;
    const wanted = report.created + report.updated;
    const unmapped = columns?.some(({ field }) => !field || field.startsWith("custom"));
    return html`<div class="checked" aria-busy=${state === "checking"}>
        ${counts(report, false)} ${preview(report)} ${report.message ? html`<p class="hint">${serverText(report.message)}</p>` : ""}
        ${
          columns?.length
            ? html`<details ?open=${unmapped}>
                <summary>${t.import.columns}</summary>
                ${columnTable(columns, (changed) => job.change({ columns: changed }))}
              </details>`
            : ""
        }
        ${remarks(report)} ${this.#options(job, options)}
      </div>
      <div class="dialog-foot">
        <button type="button" class="primary" ?disabled=${state === "checking" || !wanted} @click=${() => job.run()}>
          ${state === "checking" ? t.import.reading : wanted || !report.read ? t.import.importContacts(wanted) : t.import.nothingToImport}</button
        ><button type="button" @click=${() => this.#chooseAgain()}>${t.import.anotherFile}</button>
      </div>`;
  }

  /**
   * @param {ImportJob} job
   * @param {ImportOptions} options
   */
  #options(job, { onMatch, encoding, welcome }) {
    return html`<fieldset class="choices">
        <legend>${t.import.ifThere}</legend>
        ${matchChoices.map((value) => {
          const pick = () => job.change({ onMatch: value });
          return html`<label
            ><input type="radio" name="onMatch" .checked=${live(onMatch === value)} @change=${pick} />${t.import.matches[value]}</label
          >`;
        })}
      </fieldset>
      <details>
        <summary>${t.import.moreOptions}</summary>
        <label class="option"
          >${t.import.encoding}
          <select @change=${(/** @type {EventOn<HTMLSelectElement>} */ e) => job.change({ encoding: e.target.value })}>
            <option value="" .selected=${!encoding}>${t.import.guessed}</option>
            ${encodings.map((name) => html`<option value=${name} .selected=${encoding === name}>${name}</option>`)}
          </select></label
        ><label class="option"
          ><input
            type="checkbox"
            .checked=${live(welcome)}
            @change=${(/** @type {EventOn<HTMLInputElement>} */ e) => job.change({ welcome: e.target.checked })}
          />${t.import.welcome}</label
        >
      </details>`;
  }

  /** @param {ImportJob} job */
  #running(job) {
    const { report, rows } = job;
    const waiting = report?.state === "waiting";
    const read = rows ? t.import.readOf(formatCount(report?.read ?? 0), formatCount(rows)) : t.import.read(formatCount(report?.read ?? 0));
    return html`${this.#progress(job, waiting ? serverText(report?.message ?? "") || t.import.waiting : read)}
      <p class="hint">${t.import.goesOn}</p>`;
  }

  /** @param {ImportJob} job */
  #done(job) {
    const { report } = job;
    if (!report) return "";
    return html`<div class="notice ok" role="status">
        ${icon("check")}
        <div><b>${t.import.imported(report.created)}</b></div>
      </div>
      ${counts(report, true)} ${remarks(report)}
      <div class="dialog-foot">
        <button type="button" class="primary" @click=${closeDialog}>${t.common.done}</button
        ><button type="button" @click=${() => this.#chooseAgain()}>${t.import.anotherFile}</button>
      </div>`;
  }

  /** @param {ImportJob} job */
  #failed(job) {
    const retry = () => (job.unknownOutcome || job.report ? job.run() : job.check());
    return html`<div class="notice bad" role="alert">
        ${icon("warn")}
        <div>
          <b>${job.unknownOutcome ? t.import.unknown : t.import.failed}</b> ${job.message} ${job.unknownOutcome ? t.import.repeat : ""}
        </div>
      </div>
      ${job.report ? remarks(job.report) : ""}
      <div class="dialog-foot">
        <button type="button" class="primary" @click=${() => this.#chooseAgain()}>${t.import.chooseAnother}</button
        ><button type="button" @click=${retry}>${t.common.tryAgain}</button>
      </div>`;
  }

  #chooseAgain() {
    this.job?.cancel();
    this.job = null;
    this.#config.requestRender();
  }
}
