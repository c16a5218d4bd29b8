// One file on its way into MongoDB: a dry run that tells what the server would do, then the import, then its progress.

import { isOutcomeUnknown, randomId } from "./http.js";
import { serverText } from "./server-text.js";

/** @import { Api } from "./http.js" */
/** @import { Column } from "./import-columns.js" */

const POLL_INTERVAL = 2000; // between two reads of the progress; frames of the room bring it sooner
const CHANGE_DELAY = 400; // after the last change of an option, before the next dry run

/**
 * The answer of the server; see openapi.json. A dry run has contacts, and for a table columns.
 *
 * @typedef {object} ImportReport
 * @property {string} [id]
 * @property {"waiting" | "running" | "done" | "failed"} [state]
 * @property {string} [message] why it failed, what it waits for, or why a dry run did not read the whole file
 * @property {string} format
 * @property {string} [encoding]
 * @property {number} read rows of the file
 * @property {number} created
 * @property {number} updated
 * @property {number} unchanged
 * @property {{line: number, reason: string}[]} skipped
 * @property {{line: number, field?: string, note: string}[]} notes
 * @property {number} more rows and notes beyond these lists
 * @property {Contact[]} [contacts]
 * @property {Column[]} [columns]
 */

/** @typedef {{onMatch: "skip" | "update" | "add", encoding: string, welcome: boolean, columns: Column[] | null}} ImportOptions */

/**
 * @typedef {object} ImportJobConfig
 * @property {Api} api
 * @property {(job: ImportJob, position: MaybePosition) => void} onEnd the import is done or has failed
 * @property {() => void} requestRender
 */

export class ImportJob {
  /** @type {"checking" | "checked" | "sending" | "running" | "done" | "failed"} */
  state = "checking";
  /** @type {File} */
  file;
  /** What the dry run or the import says. @type {ImportReport | null} */
  report = null;
  /** The rows of the file, as the dry run counted them. */
  rows = 0;
  /** The part of the file that has been sent, from 0 to 1. */
  sent = 0;
  /** @type {ImportOptions} */
  options = { onMatch: "skip", encoding: "", welcome: false, columns: null };
  /** Why it failed. */
  message = "";
  /** The connection broke, so it is not known whether the server got the file. */
  unknownOutcome = false;

  /** @type {ImportJobConfig} */
  #config;
  #aborter = new AbortController();
  #key = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {File} file
   * @param {ImportJobConfig} config
   */
  constructor(file, config) {
    this.file = file;
    this.#config = config;
  }

  /** The import goes on without the page. */
  get underWay() {
    return this.state === "sending" || this.state === "running";
  }

  /** How far the import is, from 0 to 1; undefined if it is not known. */
  get progress() {
    if (this.state === "checking" || this.state === "sending") return this.sent < 1 ? this.sent : undefined;
    return this.rows && this.report?.state === "running" ? Math.min(1, this.report.read / this.rows) : undefined;
  }

  /** Asks the server what it would do with the file. */
  async check() {
    this.state = "checking";
    const answer = await this.#send({ dryRun: "true" });
    if (!answer) return;
    this.state = "checked";
    this.report = /** @type {ImportReport} */ (answer.body);
    this.rows = this.report.read;
    this.#config.requestRender();
  }

  /** @param {Partial<ImportOptions>} changes */
  change(changes) {
    Object.assign(this.options, changes);
    if (changes.columns && this.report) this.report.columns = changes.columns;
    this.#config.requestRender();
    if (Object.keys(changes).every((name) => name === "welcome")) return;
    this.cancel();
    this.state = "checking";
    this.#timer = setTimeout(() => this.check(), CHANGE_DELAY);
  }

  /** Stops what has not reached the server. */
  cancel() {
    clearTimeout(this.#timer);
    this.#aborter.abort();
    this.#aborter = new AbortController();
  }

  /** Imports the file. If the last answer was lost, the same key makes sure that the file is imported once. */
  async run() {
    this.cancel(); // a dry run that is due after a change must not follow the import
    if (!this.unknownOutcome) this.#key = randomId();
    this.state = "sending";
    const answer = await this.#send({});
    if (!answer) return;
    this.state = "running";
    this.#take(answer.body, answer.position);
  }

  /**
   * Takes a frame of the room, if it is about this import.
   *
   * @param {Frame} frame
   */
  onFrame(frame) {
    if (this.state === "running" && frame.id === this.report?.id) this.#take(/** @type {any} */ (frame), frame.position);
  }

  /**
   * @param {ImportReport} report
   * @param {MaybePosition} position
   */
  #take(report, position) {
    clearTimeout(this.#timer);
    if (this.state !== "running") return;
    this.report = report;
    if (report.state === "done" || report.state === "failed") {
      this.state = report.state;
      this.message = serverText(report.message ?? "");
      this.#config.onEnd(this, position);
    } else this.#timer = setTimeout(() => this.#poll(), POLL_INTERVAL);
    this.#config.requestRender();
  }

  async #poll() {
    try {
      const { body, position } = await this.#config.api.get(`/imports/${this.report?.id}`);
      this.#take(body, position);
    } catch (e) {
      if (e.status === 404) return this.#fail(e);
      this.#timer = setTimeout(() => this.#poll(), POLL_INTERVAL); // the server goes on meanwhile
    }
  }

  /**
   * Sends the file. Resolves with undefined if that failed or was cancelled.
   *
   * @param {Record<string, string>} parameters
   */
  async #send(parameters) {
    const { onMatch, encoding, welcome, columns } = this.options;
    const { signal } = this.#aborter;
    const query = new URLSearchParams({ onMatch, ...parameters });
    if (encoding) query.set("encoding", encoding);
    if (welcome && !parameters.dryRun) query.set("welcome", "true");
    if (columns) query.set("columns", columns.map(({ field }) => field).join(","));
    this.sent = 0;
    this.#config.requestRender();
    try {
      return await this.#config.api.upload(`/contacts/import?${query}`, this.file, {
        headers: parameters.dryRun ? {} : { "Idempotency-Key": this.#key },
        signal,
        onProgress: (sent) => {
          this.sent = sent;
          this.#config.requestRender();
        },
      });
    } catch (e) {
      if (!signal.aborted) this.#fail(e);
      return undefined;
    }
  }

  /** @param {any} e the error of a request */
  #fail(e) {
    this.unknownOutcome = this.state === "sending" && isOutcomeUnknown(e);
    this.state = "failed";
    this.message = e.message;
    this.#config.requestRender();
  }
}
