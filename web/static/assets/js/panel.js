// The contact beside the table: every field in place, saved with If-Match, and both versions side by
// side when somebody else was faster.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { keyed } from "../vendor/lit/directives/keyed.js";
import { Combo } from "./combo.js";
import { avatar, hue } from "./table.js";
import { copy } from "./chrome.js";
import { conflictView } from "./conflict.js";
import { icon } from "./icons.js";
import { fields, label } from "./merge.js";
import { ago, full, plural } from "./times.js";

const addressFields = [
  ["label", "Label"],
  ["street", "Street"],
  ["city", "City"],
  ["region", "Region"],
  ["postalCode", "Postal code"],
  ["country", "Country"],
];

/** What the server says of a field, as a sentence: "E-mail is not an e-mail address". */
function sentence(pointer, text) {
  if (!text) return "";
  const [, name, , part] = pointer.split("/");
  const subject = addressFields.find(([n]) => n === part)?.[1] ?? label(name);
  return /^(is|must|has)\b/.test(text) ? `${subject} ${text}` : text[0].toUpperCase() + text.slice(1);
}

export class Panel {
  /** app: {api(), open(id), close(), save(), duplicate(contact), remove(contact), changed(), companies(text), tags(text), info(), toast(text)}. */
  constructor(app, draft) {
    this.app = app;
    this.draft = draft;
    this.names = new Map(); // organization id → name
    this.organization = new Combo(
      {
        id: "f-organizationId",
        label: "Organization",
        placeholder: "None",
        load: (text) => this.#organizations(text),
        onPick: (id, name) => this.#setOrganization(id, name),
      },
      app.changed,
    );
  }

  get title() {
    const { creating, mine: c } = this.draft;
    if (creating) return "New contact";
    if (!c) return "Contact";
    return (c.kind === "organization" ? c.name : [c.firstName, c.lastName].filter(Boolean).join(" ")) || c.fullName || "(no name)";
  }

  view() {
    const { draft: d, app, title } = this;
    const c = d.mine;
    return html`<aside class="panel" id="panel" aria-label=${title} @keydown=${this.#key}>
      <div class="panel-head">
        ${c && !d.creating ? avatar({ ...c, fullName: title }, "big") : html`<span class="avatar big new" aria-hidden="true">${icon(d.creating ? "plus" : "person")}</span>`}
        <div class="panel-title">
          <h2 id="panel-title" tabindex="-1" dir="auto" title=${title}>${title}</h2>
          ${c && !d.creating ? html`<p><bdi>${c.kind === "organization" ? "Organization" : c.company || "Person"}</bdi>· <time title=${full(d.base.updatedAt)}>${ago(d.base.updatedAt)}</time></p>` : html`<p>${d.creating ? "Goes to MongoDB when you save" : nothing}</p>`}
        </div>
        <div class="panel-tools">
          ${
            c && !d.creating && d.status !== "gone"
              ? html`<button type="button" class="quiet square" title="Duplicate" aria-label="Duplicate" @click=${() => app.duplicate(c)}>
                    ${icon("copy")}
                  </button>
                  <button type="button" class="quiet square" title="Delete" aria-label="Delete" @click=${() => app.remove(d.base)}>
                    ${icon("trash")}
                  </button>`
              : ""
          }
          <button type="button" class="quiet square" title="Close (Esc)" aria-label="Close" @click=${() => app.close()}>
            ${icon("close")}
          </button>
        </div>
      </div>
      ${this.#notice()}
      ${d.conflict ? conflictView(d, (id) => this.names.get(id)) : c ? keyed(d, this.#form()) : d.status === "loading" ? html`<div class="loading" role="status">Loading…</div>` : ""}
      ${this.#foot()}
    </aside>`;
  }

  #notice() {
    const { draft: d, app } = this;
    if (d.status === "gone")
      return html`<div class="notice bad" role="alert">
        ${icon("warn")}
        <div>
          <b>${d.message}</b
          >${d.mine ? html`<br /><button type="button" class="link" @click=${() => app.duplicate(d.mine)}>Create it again from what you see here</button>` : ""}
        </div>
      </div>`;
    if (d.status === "failed")
      return html`<div class="notice bad" role="alert">
        ${icon("warn")}
        <div>${d.message} <button type="button" class="link" @click=${() => d.load(d.id)}>Try again</button></div>
      </div>`;
    if (!d.message) return "";
    const wrong = Object.entries(d.fields);
    const stray = wrong.filter(([pointer]) => !fields.some(([name]) => pointer.startsWith(`/${name}`)));
    return html`<div class="notice bad" role="alert">
      ${icon("warn")}
      <div>
        ${wrong.length ? `Not saved: ${plural(wrong.length, "field needs", "fields need")} another look.` : d.message}${stray.map(([p, text]) => html`<br />${p} ${text}`)}
      </div>
    </div>`;
  }

  #form() {
    const { draft: d, app } = this;
    const c = d.mine;
    const organization = c.kind === "organization";
    return html`<form class="fields" novalidate autocomplete="off" @submit=${(e) => (e.preventDefault(), this.app.save())}>
      ${
        d.creating
          ? html`<fieldset class="segments wide-segments">
              <legend class="offscreen">Kind</legend>
              ${[
                ["person", "Person"],
                ["organization", "Organization"],
              ].map(
                ([k, text]) =>
                  html`<label class=${c.kind === k ? "on" : ""}
                    ><input
                      type="radio"
                      name="newkind"
                      .checked=${live(c.kind === k)}
                      @change=${() => this.#set("kind", k)}
                    />${icon(k)}${text}</label
                  >`,
              )}
            </fieldset>`
          : ""
      }
      ${organization ? this.#text("name", "Name", { required: true }) : html`<div class="pair">${this.#text("firstName", "First name", { required: true })}${this.#text("lastName", "Last name")}</div>`}
      <div class="pair roomy">
        ${this.#text("email", "E-mail", { type: "email", inputmode: "email" })}${this.#text("phone", "Phone", { type: "tel" })}
      </div>
      ${
        organization
          ? ""
          : html`<div class="pair roomy">
              ${this.#text("company", "Company")}
              <div class="field ${this.#lit("organizationId")}">
                <label for="f-organizationId">Organization</label>${
                  c.organizationId && !d.dirty
                    ? html`<button type="button" class="link aside" @click=${() => app.open(c.organizationId)}>open</button>`
                    : ""
                }${this.organization.view(this.#organizationName(), { describedby: this.#errorId("/organizationId") })}${this.#error("/organizationId")}
              </div>
            </div>`
      }
      ${this.#tags()}
      <div class="field ${this.#lit("notes")}">
        <label for="f-notes">Notes</label
        ><textarea
          id="f-notes"
          rows="3"
          dir="auto"
          .value=${live(c.notes ?? "")}
          @input=${(e) => this.#set("notes", e.target.value)}
          aria-invalid=${Boolean(d.fields["/notes"])}
          aria-describedby=${this.#errorId("/notes")}
        ></textarea
        >${this.#error("/notes")}
      </div>
      ${this.#addresses()} ${this.#text("owner", "Owner")} ${d.creating ? "" : this.#facts()}
      <button type="submit" class="offscreen" tabindex="-1" aria-hidden="true">Save</button>
    </form>`;
  }

  #text(name, text, { type = "text", required = false, inputmode } = {}) {
    const { draft: d } = this;
    const bad = d.fields[`/${name}`];
    return html`<div class="field ${this.#lit(name)}">
      <label for="f-${name}">${text}${required ? html`<span class="required" aria-hidden="true">*</span>` : ""}</label>
      <input
        id="f-${name}"
        type=${type}
        dir="auto"
        inputmode=${inputmode ?? nothing}
        aria-required=${required}
        aria-invalid=${Boolean(bad)}
        aria-describedby=${this.#errorId(`/${name}`)}
        .value=${live(d.mine[name] ?? "")}
        @input=${(e) => this.#set(name, e.target.value)}
        spellcheck="false"
      />${this.#error(`/${name}`)}
    </div>`;
  }

  #tags() {
    const { draft: d } = this;
    const tags = d.mine.tags ?? [];
    const add = (input) => {
      const t = input.value.trim().replace(/,$/, "");
      input.value = "";
      if (t && !tags.includes(t)) this.#set("tags", [...tags, t]);
    };
    const key = (e) => {
      if ((e.key === "Enter" && e.target.value.trim() && !e.ctrlKey && !e.metaKey) || e.key === ",") {
        e.preventDefault();
        add(e.target);
      } else if (e.key === "Backspace" && !e.target.value && tags.length) this.#set("tags", tags.slice(0, -1));
    };
    const errors = Object.entries(d.fields).filter(([p]) => p.startsWith("/tags"));
    return html`<div class="field ${this.#lit("tags")}">
      <label for="f-tags">Tags</label>
      <div class="tagbox" @click=${(e) => e.target === e.currentTarget && e.target.querySelector("input").focus()}>
        ${tags.map(
          (t, i) =>
            html`<span class="chip hue-${hue(t)}" title=${t}
              ><bdi>${t}</bdi
              ><button
                type="button"
                aria-label="Remove tag ${t}"
                @click=${() =>
                  this.#set(
                    "tags",
                    tags.filter((_, j) => j !== i),
                  )}
              >
                ${icon("close")}
              </button></span
            >`,
        )}
        <input
          id="f-tags"
          type="text"
          placeholder=${tags.length ? "" : "Add a tag, then Enter"}
          list="tag-list"
          @keydown=${key}
          @change=${(e) => add(e.target)}
          @focus=${() => this.#suggestTags()}
        />
      </div>
      <datalist id="tag-list">${(this.tagOptions ?? []).map((o) => html`<option value=${o.value}></option>`)}</datalist>
      ${errors.map(([pointer, text]) => html`<p class="error">${sentence(pointer, text)}</p>`)}
    </div>`;
  }

  #addresses() {
    const { draft: d } = this;
    const list = d.mine.addresses ?? [];
    const set = (i, k, v) =>
      this.#set(
        "addresses",
        list.map((a, j) => (j === i ? { ...a, [k]: v } : a)),
      );
    return html`<div class="field ${this.#lit("addresses")}">
      <span class="label">Addresses</span>
      ${list.map(
        (a, i) =>
          html`<fieldset class="address">
            <legend class="offscreen">Address ${i + 1}</legend>
            ${addressFields.map(([k, text]) => html`<input class=${k} dir="auto" aria-label="${text} of address ${i + 1}" placeholder=${text} .value=${live(a[k] ?? "")} @input=${(e) => set(i, k, e.target.value)} aria-invalid=${Boolean(d.fields[`/addresses/${i}/${k}`])} aria-describedby=${this.#errorId(`/addresses/${i}/${k}`)} />`)}
            <button
              type="button"
              class="quiet square small"
              aria-label="Remove address ${i + 1}"
              title="Remove address"
              @click=${() =>
                this.#set(
                  "addresses",
                  list.filter((_, j) => j !== i),
                )}
            >
              ${icon("close")}
            </button>
            ${addressFields.map(([k]) => this.#error(`/addresses/${i}/${k}`))}
          </fieldset>`,
      )}
      <button type="button" class="link" @click=${() => this.#addAddress(list)}>${icon("plus")} Add an address</button>
    </div>`;
  }

  #addAddress(list) {
    this.#set("addresses", [...list, {}]);
    requestAnimationFrame(() => document.querySelector(".address:last-of-type input")?.focus());
  }

  #facts() {
    const { draft: d, app } = this;
    const info = app.info();
    const line = `db.contacts.updateOne({_id: ObjectId("${d.id}")}, {$set: {notes: "edited in mongosh"}})`;
    return html`<details class="facts">
        <summary>Edit it behind this page's back</summary>
        <p>
          Paste this into
          mongosh${info?.mongoURI ? html` (<code>mongosh "${info.mongoURI}"</code>, database <code>${info.database}</code>)` : ""} and watch
          this panel.
        </p>
        <div class="code">
          <code>${line}</code
          ><button
            type="button"
            class="quiet square small"
            aria-label="Copy the mongosh line"
            @click=${() => (copy(line), app.toast("Copied."))}
          >
            ${icon("copy")}
          </button>
        </div>
      </details>
      <dl class="meta">
        <dt>Id</dt>
        <dd><code>${d.id}</code></dd>
        <dt>Created</dt>
        <dd>${full(d.base.createdAt)}</dd>
        <dt>Saved</dt>
        <dd>${full(d.base.updatedAt)}</dd>
      </dl>`;
  }

  #foot() {
    const { draft: d, app } = this;
    if (!d.mine || d.status === "gone") return "";
    const visible = d.creating || d.dirty || d.conflict || d.status === "saving";
    return html`<div class="panel-foot" ?hidden=${!visible}>
      <button type="button" class="primary" ?disabled=${d.status === "saving" || d.undecided > 0} @click=${() => app.save()}>
        ${d.status === "saving" ? "Saving…" : d.creating ? "Create contact" : "Save"}
      </button>
      <button type="button" @click=${() => (d.creating ? app.close(true) : d.revert())}>
        ${d.creating ? "Cancel" : d.conflict ? "Discard mine" : "Discard"}
      </button>
      <span class="hint wide">${/Mac/.test(navigator.platform) ? "⌘" : "Ctrl"} Enter</span>
    </div>`;
  }

  #set(name, value) {
    this.draft.mine[name] = value;
    const errors = this.draft.fields;
    const wrong = Object.keys(errors);
    for (const p of wrong) if (p === `/${name}` || p.startsWith(`/${name}/`)) delete errors[p];
    if (wrong.length && !Object.keys(errors).length) this.draft.message = "";
    this.app.changed();
  }

  #lit(name) {
    const d = this.draft;
    return d.touched.includes(name) && Date.now() - d.touchedAt < 1600 ? "lit" : "";
  }

  #errorId(pointer) {
    return this.draft.fields[pointer] ? `error${pointer.replaceAll("/", "-")}` : nothing;
  }

  #error(pointer) {
    const text = sentence(pointer, this.draft.fields[pointer]);
    return text ? html`<p class="error" id="error${pointer.replaceAll("/", "-")}">${text}</p>` : "";
  }

  #suggestTags() {
    Promise.resolve(this.app.tags("")).then(
      (options) => {
        this.tagOptions = options;
        this.app.changed();
      },
      () => {},
    );
  }

  async #organizations(text) {
    const p = new URLSearchParams({ kind: "organization", limit: 12 });
    if (text.trim()) p.set("prefix", text.trim());
    const { body } = await this.app.api().get(`/contacts?${p}`);
    return body.items.map((o) => ({ value: o.id, label: o.fullName }));
  }

  #setOrganization(id, name) {
    if (id) this.names.set(id, name);
    this.#set("organizationId", id);
  }

  #organizationName() {
    const id = this.draft.mine.organizationId;
    if (!id) return "";
    if (!this.names.has(id)) {
      this.names.set(id, "…");
      this.app
        .api()
        .get(`/contacts/${id}`)
        .then(
          (r) => this.names.set(id, r.body.fullName),
          (e) => (e.status === 404 ? this.names.set(id, "(deleted)") : setTimeout(() => (this.names.delete(id), this.app.changed()), 3000)),
        )
        .finally(this.app.changed);
    }
    return this.names.get(id);
  }

  #key = (e) => {
    if ((e.ctrlKey || e.metaKey) && (e.key === "Enter" || e.key === "s")) {
      e.preventDefault();
      e.stopPropagation();
      this.app.save();
    } else if (e.key === "Escape") {
      e.stopPropagation();
      this.app.close();
    }
  };
}
