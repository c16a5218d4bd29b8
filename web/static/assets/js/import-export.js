// Import and export of files, and dropping a file onto the page.

import { html } from "../vendor/lit/lit-html.js";
import { downloadExport } from "./exporter.js";
import { icon } from "./icons.js";
import { Importer } from "./importer.js";

/** @import { Api } from "./http.js" */
/** @import { Toasts } from "./toasts.js" */

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
  /** @type {Importer | null} */
  #importer = null;
  /** A file is being dragged over the page. */
  #dragging = false;

  /** @param {ImportExportConfig} config */
  constructor(config) {
    this.#config = config;
    addEventListener("dragover", (e) => this.#onDrag(e));
    addEventListener("drop", (e) => this.#onDrag(e));
    addEventListener("dragleave", (e) => e.relatedTarget === null && this.#setDragging(false));
  }

  /** @param {File} [file] */
  openImport(file) {
    const { api, onImported, requestRender } = this.#config;
    this.#importer ??= new Importer({
      api,
      onImported,
      onClosed: () => {
        this.#importer = null;
        requestRender();
      },
      requestRender,
    });
    if (file) this.#importer.load(file);
    requestRender();
  }

  /** @param {"csv" | "vcard"} format */
  async exportAs(format) {
    const { view, minPosition, toasts } = this.#config;
    try {
      const name = await downloadExport(view(), format, minPosition());
      toasts.show(`${name} downloaded.`);
    } catch (e) {
      toasts.show(`Nothing was exported: ${e.message}`, { kind: "error" });
    }
  }

  render() {
    const dropzone = html`<div class="dropzone" aria-hidden="true">
      <div>${icon("upload")}<b>Drop to import</b><span>CSV or vCard, into “${this.#config.view().workspace}”</span></div>
    </div>`;
    return [this.#importer ? this.#importer.render() : "", this.#dragging ? dropzone : ""];
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
    this.#setDragging(e.type === "dragover");
    if (e.type === "drop" && dataTransfer.files[0]) this.openImport(dataTransfer.files[0]);
  }

  /** @param {boolean} dragging */
  #setDragging(dragging) {
    if (this.#dragging === dragging) return;
    this.#dragging = dragging;
    this.#config.requestRender();
  }
}
