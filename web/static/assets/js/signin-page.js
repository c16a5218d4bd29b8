// The pages that are open to nobody: signing in, setting up, and the link of an invitation or a new password. Each shows one form
// at a time.

import { html, render } from "../vendor/lit/lit-html.js";
import { Form } from "./form.js";
import { Api } from "./http.js";
import { icon, logo } from "./icons.js";
import { takePlace } from "./kept.js";
import { currentLanguage, languages } from "./language.js";
import { linkSecret } from "./link-secret.js";
import { ownAddress } from "./own-address.js";
import { scheduleRender } from "./schedule-render.js";
import { currentUser, isAuthOff, readSession, tellOthers, usesProvider } from "./session.js";
import { emailField, nameField, newPasswordField, passwordField } from "./signin-fields.js";
import { chooseLanguage, t } from "./texts.js";

/** @import { Texts } from "./texts.js" */

const HIDDEN_RENDER_DELAY = 500;

/** @typedef {"loading" | "off" | "signIn" | "signInFirst" | "setUp" | "accept" | "account" | "password" | "noLink" | "over" | "failed" | "problem"} Step */

export class SignInPage {
  /** @type {HTMLElement} */
  #root;
  #requestRender = scheduleRender(() => this.#render(), HIDDEN_RENDER_DELAY);
  #parameters = new URLSearchParams(location.search);
  #api = new Api("default");
  /** @type {Step} */
  #step = "loading";
  /** Why the link cannot be used. */
  #message = "";
  /** The forms of the steps that have one. @type {Partial<Record<Step, Form>>} */
  #forms;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    const requestRender = this.#requestRender;
    const signIn = new Form({
      ...{ id: "signin", fields: () => [emailField(), passwordField()], action: () => t.signIn.signIn, requestRender },
      send: (values) => this.#signIn(values),
    });
    this.#forms = {
      signIn,
      signInFirst: signIn,
      setUp: new Form({
        ...{ id: "setup", fields: () => [emailField(), nameField(), newPasswordField()], action: () => t.signIn.setUp, requestRender },
        send: async (values) => this.#enter(await this.#api.request("POST", "/setup", { body: { secret: linkSecret, ...values } })),
      }),
      account: new Form({
        ...{ id: "invitation", fields: () => [nameField(), newPasswordField()], action: () => t.signIn.createAccount, requestRender },
        send: (values) => this.#accept(values),
      }),
      password: new Form({
        ...{ id: "reset", fields: () => [newPasswordField()], action: () => t.signIn.setPassword, requestRender },
        send: (values) => this.#accept(values),
      }),
    };
    addEventListener("textschange", requestRender);
    addEventListener("pageshow", (e) => e.persisted && location.reload());
    // The address tells the next person where somebody was: it does not stay in sight.
    history.replaceState(null, "", location.pathname);
    // Somebody may have signed in in another tab meanwhile.
    addEventListener("focus", async () => this.#step === "signIn" && (await readSession()) === "in" && this.#leave());
  }

  async start() {
    this.#render();
    const state = await readSession();
    if (isAuthOff()) return this.#show("off");
    if (location.pathname === "/signin") {
      if (state !== "in") return this.#show("signIn");
      return this.#problem() ? this.#show("problem") : this.#leave();
    }
    if (!linkSecret) return this.#show("noLink");
    if (location.pathname === "/setup") return this.#show("setUp");
    if (state === "in") this.#show("accept");
    else this.#tryLink();
  }

  /** @param {Step} step */
  #show(step) {
    this.#step = step;
    this.#requestRender();
    if (this.#forms[step]) requestAnimationFrame(() => requestAnimationFrame(() => this.#focusFirstField()));
  }

  #focusFirstField() {
    /** @type {HTMLElement | null} */ (this.#root.querySelector("input:not([readonly])"))?.focus();
  }

  /** @param {Record<string, string>} values */
  async #signIn(values) {
    const answer = await this.#api.request("POST", "/session", { body: values });
    if (this.#step === "signIn") return this.#enter(answer);
    tellOthers(answer.body.user.id);
    await readSession();
    await this.#tryLink();
  }

  /**
   * Uses the link. A refusal that names fields uses nothing up: it says which form the link needs.
   *
   * @param {Record<string, string>} values
   */
  async #accept(values) {
    this.#enter(await this.#api.request("POST", "/invitations/accept", { body: { secret: linkSecret, ...values } }));
  }

  #tryLink = async () => {
    try {
      await this.#accept({});
    } catch (e) {
      this.#message = e.message;
      if (e.status === 401) this.#show("signInFirst");
      else if (e.fields?.["/name"]) this.#show("account");
      else if (e.fields?.["/password"]) this.#show("password");
      else this.#show(e.status === 410 ? "over" : "failed");
    }
  };

  /**
   * Goes on as the person who is signed in now.
   *
   * @param {ApiAnswer} answer
   */
  #enter({ body }) {
    const user = body?.user?.id ?? currentUser()?.id ?? "";
    tellOthers(user);
    this.#leave(user);
  }

  /** Goes to the page that was asked for, else to the place where this person was before. */
  #leave(user = currentUser()?.id ?? "") {
    const place = takePlace(user);
    location.replace(ownAddress(this.#parameters.get("next") ?? (place || "/")));
  }

  #render() {
    const titles = t.signIn.titles;
    const title = titles[/** @type {keyof Texts["signIn"]["titles"]} */ (this.#step)];
    render(
      html`<main class="signin" id="main">
        <p class="brand">${logo}<span>Grapevine</span></p>
        <div class="card">
          <h1>${title}</h1>
          ${this.#content()}
        </div>
        <p class="languages">
          ${Object.entries(languages).map(
            ([code, name]) =>
              html`<button
                type="button"
                class="link"
                lang=${code}
                aria-current=${code === currentLanguage() ? "true" : "false"}
                @click=${() => chooseLanguage(code)}
              >
                ${name}
              </button>`,
          )}
        </p>
      </main>`,
      this.#root,
    );
    document.title = `${title} · Grapevine`;
  }

  #content() {
    const form = this.#forms[this.#step]?.render({ wide: true }) ?? "";
    switch (this.#step) {
      case "loading":
        return html`<p class="loading" role="status">${t.common.loading}</p>`;
      case "signIn":
        return [this.#ended(), this.#problem(), form, this.#provider(), html`<p class="hint">${t.signIn.noAccount}</p>`];
      case "accept":
        return html`<p>${t.signIn.signedInAs(currentUser()?.email ?? "")}</p>
          <button type="button" class="primary wide-button" @click=${this.#tryLink}>${t.signIn.goOn}</button>`;
      case "over":
      case "failed":
        return html`<div class="notice bad" role="alert">${icon("warn")}<span>${this.#message}</span></div>
          ${this.#step === "failed" ? html`<button type="button" @click=${this.#tryLink}>${t.common.tryAgain}</button>` : ""}
          <p><a href="/">${t.signIn.toContacts}</a></p>`;
      case "problem":
        return html`${this.#problem()}
          <p>${t.signIn.stillSignedInAs(currentUser()?.email ?? "")}</p>
          <p><a href="/">${t.signIn.toContacts}</a></p>`;
      case "off":
        return html`<p>${t.signIn.off}</p>
          <p><a href="/">${t.signIn.toContacts}</a></p>`;
      case "noLink":
        return html`<p>${t.signIn.noLink}</p>
          <p><a href="/signin">${t.signIn.signIn}</a></p>`;
      default:
        return [html`<p>${t.signIn.intro[/** @type {keyof Texts["signIn"]["intro"]} */ (this.#step)]}</p>`, form];
    }
  }

  /** Why the person is here, if the page led here. */
  #ended() {
    const ended = this.#parameters.get("ended");
    if (ended === null) return "";
    return html`<div class="notice" role="status">
      ${icon("check")}<span>${t.signIn.ended} ${ended === "kept" ? t.signIn.kept : ""}</span>
    </div>`;
  }

  /** What went wrong with single sign-on, from which the server led here. */
  #problem() {
    const problem = this.#parameters.get("problem") ?? "";
    if (!Object.hasOwn(t.signIn.problems, problem)) return "";
    return html`<div class="notice bad" role="alert">${icon("warn")}<span>${t.signIn.problems[problem]}</span></div>`;
  }

  #provider() {
    if (!usesProvider()) return "";
    const next = this.#parameters.get("next");
    return html`<p class="or">${t.signIn.or}</p>
      <a class="wide-button button-like" href="/oidc/start${next ? `?${new URLSearchParams({ next })}` : ""}">${t.signIn.provider}</a>`;
  }
}
