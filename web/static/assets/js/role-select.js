// A role to pick.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { roles } from "./session.js";
import { t } from "./texts.js";

/** @import { Role } from "./session.js" */

export const roleChoices = () => roles.map((role) => ({ value: role, text: t.roles[role] }));

/**
 * @param {object} props
 * @param {Role} props.role
 * @param {string} props.label
 * @param {boolean} props.disabled
 * @param {(role: Role) => void} props.onPick
 */
export const roleSelect = ({ role, label, disabled, onPick }) =>
  html`<select
    aria-label=${label}
    ?disabled=${disabled}
    .value=${live(role)}
    @change=${(/** @type {EventOn<HTMLSelectElement>} */ e) => onPick(/** @type {Role} */ (e.target.value))}
  >
    ${roleChoices().map(({ value, text }) => html`<option value=${value} ?selected=${value === role}>${text}</option>`)}
  </select>`;
