// The people of an organization, kept up to date by events.

import { html } from "../vendor/lit/lit-html.js";
import { avatar } from "./avatar.js";
import { onPlainClick, viewAddress } from "./links.js";
import { comparePositions } from "./position.js";
import { t } from "./texts.js";
import { noFilters } from "./view.js";

/** @import { Api } from "./http.js" */

const SHOWN = 12;
const LIMIT = 200; // people that are counted exactly
const REREAD_DELAY = 300; // events within this time cause one read, in milliseconds

/**
 * @typedef {object} OrganizationPeopleConfig
 * @property {Api} api
 * @property {() => MaybePosition} minPosition
 * @property {() => View} view
 * @property {Navigate} navigate
 * @property {(id: string) => void} open a contact
 * @property {() => void} requestRender
 */

export class OrganizationPeople {
  /** @type {OrganizationPeopleConfig} */
  #config;
  #organization = "";
  /** @type {{people: Contact[], more: boolean, position: MaybePosition} | null} */
  #read = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {OrganizationPeopleConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /**
   * An event that touches the organization's people causes another read.
   *
   * @param {ContactEvent} event
   */
  apply({ contact, position, changed }) {
    if (!this.#organization || comparePositions(position, this.#read?.position) <= 0) return;
    const isOurs = !contact || contact.organizationId === this.#organization || this.#read?.people.some(({ id }) => id === contact.id);
    if (isOurs && changed?.length !== 0) this.#readSoon();
  }

  #readSoon() {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#load();
    }, REREAD_DELAY);
  }

  async #load() {
    const { api, minPosition, requestRender } = this.#config;
    const organization = this.#organization;
    const query = new URLSearchParams({ organizationId: organization, limit: String(LIMIT) });
    try {
      const { body, position } = await api.get(`/contacts?${query}`, { minPosition: minPosition() });
      if (organization === this.#organization) this.#read = { people: body.items, more: Boolean(body.next), position };
    } catch {
      // The list tells what is wrong; the next event reads again.
    }
    requestRender();
  }

  /** @param {string} organization the id of the organization that is shown */
  render(organization) {
    if (organization !== this.#organization) {
      this.#organization = organization;
      this.#read = null;
      this.#load();
    }
    if (!this.#read) return "";
    const { view, navigate, open } = this.#config;
    const { people, more } = this.#read;
    const changes = { ...noFilters, organizationId: organization };
    const person = (/** @type {Contact} */ contact) =>
      html`<li>
        <a href=${viewAddress(view(), { contact: contact.id })} @click=${onPlainClick(() => open(contact.id))}
          >${avatar(contact)}<span dir="auto">${contact.fullName || t.common.noName}</span
          ><small dir="auto">${contact.title ?? ""}</small></a
        >
      </li>`;
    return html`<section class="people" aria-labelledby="people-title">
      <h3 id="people-title">${people.length ? t.card.people(people.length) + (more ? "+" : "") : t.card.peopleTitle}</h3>
      ${
        people.length
          ? html`<ul>
                ${people.slice(0, SHOWN).map(person)}
              </ul>
              <a href=${viewAddress(view(), changes)} @click=${onPlainClick(() => navigate(changes))}>${t.card.showPeople}</a>`
          : html`<p class="none">${t.card.noPeople}</p>`
      }
    </section>`;
  }
}
