// Search, filters, and what can be done with the whole list.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { Combo } from "./combo.js";
import { menuKeys, menuLeft } from "./chrome.js";
import { icon } from "./icons.js";
import { plural } from "./times.js";
import { filtered } from "./view.js";

const kinds = [
  ["", "All"],
  ["person", "People"],
  ["organization", "Organizations"],
];
const sorts = [
  ["name", "Name"],
  ["-name", "Name, Z first"],
  ["company", "Company"],
  ["-updatedAt", "Last changed"],
  ["-createdAt", "Newest"],
  ["createdAt", "Oldest"],
];

export class Toolbar {
  /** app: {view, set(changes), typed(text), entered(text), create(), import(), export(format), known(), companies(text), tags(text), changed()}. */
  constructor(app) {
    this.app = app;
    this.text = null; // while typing
    this.company = new Combo(
      { id: "filter-company", label: "Company", load: app.companies, onPick: (company) => app.set({ company }) },
      app.changed,
    );
    this.tag = new Combo({ id: "filter-tag", label: "Tag", load: app.tags, onPick: (tag) => app.set({ tag }) }, app.changed);
  }

  view() {
    const { app } = this;
    const { view } = app;
    const input = (e) => {
      this.text = e.target.value;
      app.typed(this.text);
    };
    const key = (e) => {
      if (e.key === "Enter") app.entered(e.target.value);
      else if (e.key === "Escape" && e.target.value) {
        e.stopPropagation();
        this.text = "";
        app.entered("");
      } else if (e.key === "ArrowDown") document.getElementById("grid")?.focus();
    };
    const shown = this.text ?? (view.q || view.prefix);
    return html`<div class="toolbar">
      <div class="search ${view.q ? "text" : ""}" role="search">
        ${icon("search")}
        <input
          id="search"
          type="search"
          aria-label="Search"
          aria-describedby="search-hint"
          placeholder="Search"
          title="Names that begin so while you type; Enter looks for whole words in names and notes"
          autocomplete="off"
          spellcheck="false"
          .value=${live(shown)}
          @input=${input}
          @keydown=${key}
          @blur=${() => (this.text = null)}
        />
        <span id="search-hint" class="offscreen">Names are found while you type. Enter looks for whole words in names and notes.</span>
        ${shown ? html`<span class="mode" aria-hidden="true">${view.q ? "whole words" : "↵ whole words"}</span>` : html`<kbd aria-hidden="true">/</kbd>`}
      </div>
      <fieldset class="segments kind">
        <legend class="offscreen">Kind</legend>
        ${kinds.map(([value, text]) => html`<label class=${view.kind === value ? "on" : ""}><input type="radio" name="kind" .checked=${live(view.kind === value)} @change=${() => app.set({ kind: value })} />${text}</label>`)}
      </fieldset>
      ${this.company.view(view.company)} ${this.tag.view(view.tag)}
      <label class="select narrow-only"
        ><span class="offscreen">Sort</span
        ><select @change=${(e) => app.set({ sort: e.target.value })}>
          ${sorts.map(([v, text]) => html`<option value=${v} .selected=${view.sort === v}>${text}</option>`)}${sorts.some(([v]) => v === view.sort) ? nothing : html`<option value=${view.sort} selected>${view.sort}</option>`}
        </select></label
      >
      ${filtered(view) ? html`<button type="button" class="link clear-all" @click=${() => app.clear()}>Clear</button>` : ""}
      <div class="spring"></div>
      <button type="button" class="tool" aria-label="Import" title="Import a CSV or vCard file" @click=${() => app.import()}>
        ${icon("upload")}<span class="wide">Import</span>
      </button>
      <details class="menu" @focusout=${menuLeft} @keydown=${menuKeys}>
        <summary class="tool" aria-label="Export" title="Export">
          <span class="inner">${icon("download")}<span class="wide">Export</span></span>
        </summary>
        <div class="popup">
          <p>${this.#exported()}</p>
          <button type="button" ?disabled=${Boolean(view.q)} @click=${() => app.export("csv")}>
            As CSV<small>opens in a spreadsheet</small></button
          ><button type="button" ?disabled=${Boolean(view.q)} @click=${() => app.export("vcard")}>
            As vCard<small>for address books</small>
          </button>
        </div>
      </details>
      <button type="button" class="primary" aria-label="New contact" title="New contact (N)" @click=${() => app.create()}>
        ${icon("plus")}<span class="wide">New contact</span>
      </button>
    </div>`;
  }

  #exported() {
    const { view } = this.app;
    if (view.q) return "The hits of a search for whole words cannot be exported.";
    const n = this.app.known();
    if (!filtered(view)) return n === undefined ? "All contacts" : `All ${plural(n, "contact")}`;
    return n === undefined ? "The contacts that are shown" : `The ${plural(n, "contact")} shown`;
  }
}
