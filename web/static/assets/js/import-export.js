// Import and export of files, and dropping a file onto the page.

import { html } from "../vendor/lit/lit-html.js";
import { downloadExport } from "./exporter.js";
import { icon } from "./icons.js";
import { lazy } from "./lazy.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */
/** @import { Toasts } from "./toasts.js" */

const loadImporter = lazy(() => import("./importer.js"));

/**
 * @typedef {object} ImportExportConfig
 * @property {() => Api} api
 * @property {() => View} view
 * @property {() => MaybePosition} minPosition
 * @property {(position: MaybePosition) => void} onImported
 * @property {Toasts} toasts
 * @property {() => void} requestRender
 */

export class ImportExport {
  /** @type {ImportExportConfig} */
  #config;
  /** @type {import("./importer.js").Importer | null} */
  #importer = null;
  /** The dialog is open. */
  #open = false;
  /** A file is being dragged over the page. */
  #dragging = false;
  /** The elements that the dragged file has entered and not left. Safari does not say which one comes next. */
  #entered = 0;

  /** @param {ImportExportConfig} config */
  constructor(config) {
    this.#config = config;
    for (const type of /** @type {const} */ (["dragenter", "dragover", "dragleave", "drop"]))
      addEventListener(type, (e) => this.#onDrag(e));
  }

  /** @param {File} [file] */
  async openImport(file) {
    const { api, requestRender, toasts } = this.#config;
    const module = await loadImporter().catch(() => null);
    if (!module) return void toasts.show(t.import.unreachable, { kind: "error" });
    this.#importer ??= new module.Importer({
      api,
      onEnd: (job, position) => this.#onEnd(job, position),
      onClosed: () => this.#onClosed(),
      requestRender,
    });
    this.#open = true;
    if (file && !this.#importer.job?.underWay) this.#importer.load(file);
    requestRender();
  }

  /**
   * Takes the progress of an import from the room.
   *
   * @param {Frame} frame
   */
  onFrame(frame) {
    this.#importer?.job?.onFrame(frame);
  }

  /** An import that is under way is kept, so that its end can be told. */
  #onClosed() {
    this.#open = false;
    if (!this.#importer?.job?.underWay) {
      this.#importer?.job?.cancel();
      this.#importer = null;
    }
    this.#config.requestRender();
  }

  /**
   * @param {import("./import-job.js").ImportJob} job
   * @param {MaybePosition} position
   */
  #onEnd({ state, report, message, file }, position) {
    const { onImported, toasts } = this.#config;
    onImported(position);
    if (this.#open) return;
    this.#importer = null;
    if (state === "done") toasts.show(t.import.importedFrom(file.name, report?.created ?? 0));
    else toasts.show(t.import.notImported(file.name, message), { kind: "error" });
  }

  /** @param {ExportFormat} format */
  async exportAs(format) {
    const { view, minPosition, toasts } = this.#config;
    try {
      const name = await downloadExport(view(), format, minPosition());
      toasts.show(t.export.downloaded(name));
    } catch (e) {
      toasts.show(t.export.failed(e.message), { kind: "error" });
    }
  }

  render() {
    const dropzone = html`<div class="dropzone" aria-hidden="true">
      <div>${icon("upload")}<b>${t.import.dropHere}</b><span>${t.import.into(this.#config.view().workspace)}</span></div>
    </div>`;
    return [this.#importer && this.#open ? this.#importer.render() : "", this.#dragging ? dropzone : ""];
  }

  /** Has to be called after each rendering. */
  rendered() {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("import"));
    if (dialog && !dialog.open) dialog.showModal();
  }

  /** @param {DragEvent} e */
  #onDrag(e) {
    const { dataTransfer } = e;
    if (!dataTransfer?.types.includes("Files")) return;
    e.preventDefault();
    if (e.type === "dragenter") this.#entered++;
    else if (e.type === "dragleave") this.#entered--;
    else if (e.type === "drop") this.#entered = 0;
    this.#setDragging(this.#entered > 0);
    if (e.type === "drop" && dataTransfer.files[0]) this.openImport(dataTransfer.files[0]);
  }

  /** @param {boolean} dragging */
  #setDragging(dragging) {
    if (this.#dragging === dragging) return;
    this.#dragging = dragging;
    this.#config.requestRender();
  }
}
