// The panel beside the table: the open contact with its form.

import { html } from "../vendor/lit/lit-html.js";
import { keyed } from "../vendor/lit/directives/keyed.js";
import { avatar } from "./avatar.js";
import { copyText } from "./clipboard.js";
import { displayName, fieldNamed } from "./contact-fields.js";
import { ContactForm } from "./contact-form.js";
import { fullTime, plural, timeAgo } from "./format.js";
import { icon } from "./icons.js";

/** @import { Api } from "./http.js" */
/** @import { Draft } from "./draft.js" */

/**
 * @typedef {object} PanelConfig
 * @property {Api} api
 * @property {(id: string) => void} open
 * @property {(discard?: boolean) => void} close discard: without an offer to go back to the edit
 * @property {() => void} save
 * @property {(contact: PartialContact) => void} duplicate
 * @property {(contact: Contact) => void} remove
 * @property {LoadOptions} loadTags
 * @property {() => InstanceInfo | null} info
 * @property {() => void} onCopied
 * @property {() => void} requestRender
 */

export class Panel {
  /** @type {PanelConfig} */
  #config;
  /** @type {Draft} */
  #draft;
  /** @type {ContactForm} */
  #form;

  /**
   * @param {PanelConfig} config
   * @param {Draft} draft
   */
  constructor(config, draft) {
    this.#config = config;
    this.#draft = draft;
    this.#form = new ContactForm(config, draft);
  }

  get title() {
    const { creating, mine: c } = this.#draft;
    if (creating) return "New contact";
    if (!c) return "Contact";
    return displayName(c) || "(no name)";
  }

  render() {
    return html`<aside class="panel" id="panel" aria-label=${this.title} @keydown=${this.#onKey}>
      ${this.#head()} ${this.#notice()} ${this.#body()} ${this.#foot()}
    </aside>`;
  }

  #head() {
    const { title } = this;
    const { creating, mine: c, base, status } = this.#draft;
    const existing = c && !creating;
    const { duplicate, remove, close } = this.#config;
    const tool = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => void} */ run, titleText = label) =>
      html`<button type="button" class="quiet square" title=${titleText} aria-label=${label} @click=${run}>${icon(name)}</button>`;
    return html`<div class="panel-head">
      ${existing ? avatar({ ...c, fullName: title }, "big") : html`<span class="avatar big new" aria-hidden="true">${icon(creating ? "plus" : "person")}</span>`}
      <div class="panel-title">
        <h2 id="panel-title" tabindex="-1" dir="auto" title=${title}>${title}</h2>
        ${existing ? html`<p><bdi>${c.kind === "organization" ? "Organization" : [c.title, c.company].filter(Boolean).join(", ") || "Person"}</bdi>· <time title=${fullTime(base.updatedAt)}>${timeAgo(base.updatedAt)}</time></p>` : html`<p>${creating ? "Not saved yet" : ""}</p>`}
      </div>
      <div class="panel-tools">
        ${existing && status !== "gone" ? [tool("copy", "Duplicate", () => duplicate(c)), tool("trash", "Delete", () => remove(base))] : ""}
        ${tool("close", "Close", () => close(), "Close (Esc)")}
      </div>
    </div>`;
  }

  #body() {
    const draft = this.#draft;
    if (draft.mine) return keyed(draft, this.#form.render(draft.creating ? "" : this.#facts()));
    return draft.status === "loading" ? html`<div class="loading" role="status">Loading…</div>` : "";
  }

  #notice() {
    const draft = this.#draft;
    const notice = (/** @type {unknown} */ content) =>
      html`<div class="notice bad" role="alert">
        ${icon("warn")}
        <div>${content}</div>
      </div>`;
    if (draft.status === "gone") {
      const recreate = () => this.#config.duplicate(draft.mine);
      return notice(
        html`<b>${draft.message}</b
          >${draft.mine ? html`<br /><button type="button" class="link" @click=${recreate}>Create it again from the values below</button>` : ""}`,
      );
    }
    if (draft.status === "failed")
      return notice(html`${draft.message} <button type="button" class="link" @click=${() => draft.load(draft.id)}>Try again</button>`);
    if (!draft.message) return "";
    const errors = Object.entries(draft.errors);
    const withoutField = errors.filter(([pointer]) => !fieldNamed(pointer.split("/")[1]));
    return notice(
      html`${errors.length ? `Not saved. Please correct ${plural(errors.length, "field")}.` : draft.message}${withoutField.map(([pointer, text]) => html`<br />${pointer} ${text}`)}`,
    );
  }

  #facts() {
    const { id, base } = this.#draft;
    const info = this.#config.info();
    const command = `db.contacts.updateOne({_id: ObjectId("${id}")}, {$set: {notes: "edited in mongosh"}})`;
    const copy = () => {
      copyText(command);
      this.#config.onCopied();
    };
    return html`<details class="facts">
        <summary>Edit it directly in the database</summary>
        <p>
          Paste this into
          mongosh${info?.mongoURI ? html` (<code>mongosh "${info.mongoURI}"</code>, database <code>${info.database}</code>)` : ""} and watch
          this panel.
        </p>
        <div class="code">
          <code>${command}</code
          ><button type="button" class="quiet square small" aria-label="Copy the mongosh command" @click=${copy}>${icon("copy")}</button>
        </div>
      </details>
      <dl class="meta">
        <dt>Id</dt>
        <dd><code>${id}</code></dd>
        <dt>Created</dt>
        <dd>${fullTime(base.createdAt)}</dd>
        <dt>Saved</dt>
        <dd>${fullTime(base.updatedAt)}</dd>
      </dl>`;
  }

  #foot() {
    const draft = this.#draft;
    if (!draft.mine || draft.status === "gone") return "";
    const visible = draft.creating || draft.dirty || draft.status === "saving";
    return html`<div class="panel-foot" ?hidden=${!visible}>
      <button
        type="button"
        class="primary"
        ?disabled=${draft.status === "saving" || draft.conflicts.size > 0}
        @click=${() => this.#config.save()}
      >
        ${draft.status === "saving" ? "Saving…" : draft.creating ? "Create contact" : "Save"}
      </button>
      <button type="button" @click=${() => (draft.creating ? this.#config.close(true) : draft.revert())}>
        ${draft.creating ? "Cancel" : "Discard"}
      </button>
      ${draft.conflicts.size ? html`<span class="undecided" role="status">${plural(draft.conflicts.size, "field")} to decide</span>` : ""}
      <span class="hint wide">${/Mac/.test(navigator.platform) ? "⌘" : "Ctrl"} Enter</span>
    </div>`;
  }

  #onKey = (/** @type {KeyboardEvent} */ e) => {
    if ((e.ctrlKey || e.metaKey) && (e.key === "Enter" || e.key === "s")) {
      e.preventDefault();
      e.stopPropagation();
      this.#config.save();
    } else if (e.key === "Escape") {
      e.stopPropagation();
      this.#config.close();
    }
  };
}
