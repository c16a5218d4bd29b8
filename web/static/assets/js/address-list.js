// The addresses of a contact.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { icon } from "./icons.js";

/** The fields of an address, with their labels. @type {[keyof Address, string][]} */
export const addressFields = [
  ["label", "Label"],
  ["street", "Street"],
  ["city", "City"],
  ["region", "Region"],
  ["postalCode", "Postal code"],
  ["country", "Country"],
];

/**
 * @typedef {object} AddressListProps
 * @property {Address[]} addresses
 * @property {(addresses: Address[]) => void} onChange
 * @property {(pointer: string) => unknown} errorId
 * @property {(pointer: string) => unknown} error
 */

/** @param {AddressListProps} props */
export function addressList(props) {
  const { addresses, onChange } = props;
  const add = () => {
    onChange([...addresses, {}]);
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(".address:last-of-type input"))?.focus());
  };
  return html`<span class="label">Addresses</span>
    ${addresses.map((address, i) => addressFieldset(address, i, props))}
    <button type="button" class="link" @click=${add}>${icon("plus")} Add an address</button>`;
}

/**
 * @param {Address} address
 * @param {number} index
 * @param {AddressListProps} props
 */
function addressFieldset(address, index, { addresses, onChange, errorId, error }) {
  const set = (/** @type {string} */ name, /** @type {string} */ value) =>
    onChange(addresses.map((other, i) => (i === index ? { ...other, [name]: value } : other)));
  const pointer = (/** @type {string} */ name) => `/addresses/${index}/${name}`;
  const invalid = (/** @type {string} */ name) => typeof errorId(pointer(name)) === "string";
  return html`<fieldset class="address">
    <legend class="offscreen">Address ${index + 1}</legend>
    ${addressFields.map(
      ([name, label]) =>
        html`<input
          class=${name}
          dir="auto"
          aria-label="${label} of address ${index + 1}"
          placeholder=${label}
          .value=${live(address[name] ?? "")}
          @input=${(/** @type {EventOn<HTMLInputElement>} */ e) => set(name, e.target.value)}
          aria-invalid=${invalid(name)}
          aria-describedby=${errorId(pointer(name))}
        />`,
    )}
    <button
      type="button"
      class="quiet square small"
      aria-label="Remove address ${index + 1}"
      title="Remove address"
      @click=${() => onChange(addresses.filter((_, i) => i !== index))}
    >
      ${icon("close")}
    </button>
    ${addressFields.map(([name]) => error(pointer(name)))}
  </fieldset>`;
}
