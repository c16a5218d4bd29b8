// The panel beside the table: the open contact as it is read, or its form.

import { html } from "../vendor/lit/lit-html.js";
import { keyed } from "../vendor/lit/directives/keyed.js";
import { avatar } from "./avatar.js";
import { ContactCard } from "./contact-card.js";
import { displayName, fieldNamed } from "./contact-fields.js";
import { ContactForm } from "./contact-form.js";
import { fullTime, timeAgo } from "./format.js";
import { icon } from "./icons.js";
import { keyboardKeys } from "./keyboard-keys.js";
import { OrganizationPeople } from "./organization-people.js";
import { serverText } from "./server-text.js";
import { t } from "./texts.js";

/** @import { Api } from "./http.js" */
/** @import { Draft } from "./draft.js" */
/** @import { OrganizationNames } from "./organization-names.js" */

/**
 * @typedef {object} PanelConfig
 * @property {Api} api
 * @property {() => MaybePosition} minPosition
 * @property {() => View} view
 * @property {Navigate} navigate
 * @property {(id: string) => void} open
 * @property {(discard?: boolean) => void} close discard: without an offer to go back to the edit
 * @property {(thenStop?: boolean) => void} save thenStop: and stop editing
 * @property {(field?: string) => void} edit
 * @property {() => void} stopEditing shows the contact as it is read again
 * @property {(step: 1 | -1) => void} step opens the next contact of the list
 * @property {(step: 1 | -1) => string | undefined} neighbour the id of that contact; empty if it is not known, undefined if there is none
 * @property {() => number} viewers how many other pages have the contact open
 * @property {() => void} copyLink
 * @property {(text: string) => void} copy
 * @property {(contact: PartialContact) => void} duplicate
 * @property {() => void} recreate makes a new contact of a deleted one
 * @property {(contact: Contact) => void} remove
 * @property {OrganizationNames} organizationNames
 * @property {LoadOptions} loadTags
 * @property {() => InstanceInfo | null} info
 * @property {() => void} requestRender
 */

export class Panel {
  /** The form is shown, not the contact as it is read. */
  editing = false;
  /** The people of the organization that is open. @type {OrganizationPeople} */
  people;

  /** @type {PanelConfig} */
  #config;
  /** @type {Draft} */
  #draft;
  /** @type {ContactForm} */
  #form;
  /** @type {ContactCard} */
  #card;

  /**
   * @param {PanelConfig} config
   * @param {Draft} draft
   */
  constructor(config, draft) {
    this.#config = config;
    this.#draft = draft;
    this.#form = new ContactForm(config, draft);
    this.#card = new ContactCard(config);
    this.people = new OrganizationPeople(config);
  }

  get title() {
    const { creating, mine: c } = this.#draft;
    if (creating) return t.panel.newContact;
    if (!c) return t.panel.contact;
    return displayName(c) || t.common.noName;
  }

  /** Whether the form is shown. An edit always is, also one that was left and is open again. */
  get #formShown() {
    const { creating, dirty } = this.#draft;
    return this.editing || creating || dirty;
  }

  render() {
    return html`<aside class="panel" id="panel" aria-label=${this.title}>
      ${this.#bar()} ${this.#head()} ${this.#notice()} ${this.#body()} ${this.#foot()}
    </aside>`;
  }

  #bar() {
    const { creating, mine: c, base, status } = this.#draft;
    const { duplicate, remove, close, edit, step, neighbour, copyLink, viewers } = this.#config;
    const existing = c && !creating && status !== "gone";
    const tool = (
      /** @type {string} */ name,
      /** @type {string} */ label,
      /** @type {string} */ keys,
      /** @type {() => void} */ run,
      disabled = false,
    ) =>
      html`<button
        type="button"
        class="quiet square"
        title=${keys ? `${label} (${keys})` : label}
        aria-label=${label}
        ?disabled=${disabled}
        @click=${run}
      >
        ${icon(name)}
      </button>`;
    return html`<div class="panel-bar">
      ${creating ? "" : [tool("up", t.panel.previous, "K", () => step(-1), neighbour(-1) === undefined), tool("down", t.panel.next, "J", () => step(1), neighbour(1) === undefined)]}
      ${existing && viewers() > 0 ? html`<span class="viewers" role="status" title=${t.panel.viewersTitle(viewers())}>${icon("eye")}${t.panel.viewers(viewers())}</span>` : ""}
      <span class="spring"></span>
      ${
        existing
          ? [
              this.#formShown
                ? ""
                : html`<button type="button" class="edit" @click=${() => edit()}>${icon("edit")}${t.panel.edit}</button>`,
              tool("link", t.panel.copyLink, "L", copyLink),
              tool("copy", t.panel.duplicate, "D", () => duplicate(c)),
              tool("trash", t.panel.delete, "", () => remove(base)),
            ]
          : ""
      }
      ${tool("close", t.common.close, "Esc", () => close())}
    </div>`;
  }

  #head() {
    const { title } = this;
    const { creating, mine: c, base } = this.#draft;
    const existing = c && !creating;
    return html`<div class="panel-head">
      ${existing ? avatar({ ...c, fullName: title }, "big") : html`<span class="avatar big new" aria-hidden="true">${icon(creating ? "plus" : "person")}</span>`}
      <div class="panel-title">
        <h2 id="panel-title" tabindex="-1" dir="auto" title=${title} translate="no">${keyed(this.#draft.id, title)}</h2>
        ${existing ? html`<p><bdi>${c.kind === "organization" ? t.kind.organization : [c.title, c.company].filter(Boolean).join(", ") || t.kind.person}</bdi>· <time title=${fullTime(base.updatedAt)}>${timeAgo(base.updatedAt)}</time></p>` : html`<p>${creating ? t.panel.notSavedYet : ""}</p>`}
      </div>
    </div>`;
  }

  #body() {
    const draft = this.#draft;
    if (!draft.mine) return draft.status === "loading" ? html`<div class="loading" role="status">${t.common.loading}</div>` : "";
    if (this.#formShown) return keyed(draft, this.#form.render(draft.creating ? "" : this.#facts()));
    const people = draft.mine.kind === "organization" ? this.people.render(draft.id) : "";
    return keyed(draft, this.#card.render(draft, people, this.#facts()));
  }

  #notice() {
    const draft = this.#draft;
    const notice = (/** @type {unknown} */ content) =>
      html`<div class="notice bad" role="alert">
        ${icon("warn")}
        <div>${content}</div>
      </div>`;
    if (draft.status === "gone")
      return notice(
        html`<b>${draft.message}</b
          >${draft.mine ? html`<br /><button type="button" class="link" @click=${this.#config.recreate}>${t.panel.recreate}</button>` : ""}`,
      );
    if (draft.status === "failed")
      return notice(
        html`${draft.message} <button type="button" class="link" @click=${() => draft.load(draft.id)}>${t.common.tryAgain}</button>`,
      );
    if (!draft.message) return "";
    const errors = Object.entries(draft.errors);
    const withoutField = errors.filter(([pointer]) => !fieldNamed(pointer.split("/")[1]));
    return notice(
      html`${errors.length ? t.panel.notSaved(errors.length) : draft.message}${withoutField.map(([pointer, text]) => html`<br />${pointer} ${serverText(text)}`)}`,
    );
  }

  #facts() {
    const { id, base } = this.#draft;
    const info = this.#config.info();
    const command = `db.contacts.updateOne({_id: ObjectId("${id}")}, {$set: {notes: "edited in mongosh"}})`;
    return html`<details class="facts">
        <summary>${t.panel.directly}</summary>
        <p>
          ${t.panel.paste(info?.mongoURI ? t.panel.database(html`<code>mongosh "${info.mongoURI}"</code>`, html`<code>${info.database}</code>`) : "")}
        </p>
        <div class="code">
          <code>${command}</code
          ><button type="button" class="quiet square small" aria-label=${t.panel.copyCommand} @click=${() => this.#config.copy(command)}>
            ${icon("copy")}
          </button>
        </div>
      </details>
      <dl class="meta">
        <dt>${t.panel.id}</dt>
        <dd><code>${id}</code></dd>
        <dt>${t.panel.createdAt}</dt>
        <dd>${fullTime(base.createdAt)}</dd>
        <dt>${t.panel.savedAt}</dt>
        <dd>${fullTime(base.updatedAt)}</dd>
      </dl>`;
  }

  #foot() {
    const draft = this.#draft;
    if (!draft.mine) return "";
    if (draft.status === "gone")
      return draft.dirty
        ? html`<div class="panel-foot"><button type="button" @click=${() => this.#config.close(true)}>${t.common.discard}</button></div>`
        : "";
    const visible = this.#formShown || draft.status === "saving";
    return html`<div class="panel-foot" ?hidden=${!visible}>
      <button
        type="button"
        class="primary"
        ?disabled=${draft.status === "saving" || draft.conflicts.size > 0 || (!draft.creating && !draft.dirty)}
        @click=${() => this.#config.save(true)}
      >
        ${draft.status === "saving" ? t.panel.saving : draft.creating ? t.panel.create : t.common.save}
      </button>
      <button type="button" ?disabled=${draft.status === "saving"} @click=${() => this.#discard()}>
        ${draft.creating ? t.common.cancel : draft.dirty ? t.common.discard : t.common.done}
      </button>
      ${draft.conflicts.size ? html`<span class="undecided" role="status">${t.conflict.toDecide(draft.conflicts.size)}</span>` : ""}
      <span class="hint wide">${keyboardKeys("Ctrl Enter")}</span>
    </div>`;
  }

  /** Ends the edit without saving. */
  #discard() {
    const draft = this.#draft;
    if (draft.creating) return this.#config.close(true);
    draft.revert();
    this.#config.stopEditing();
  }
}
