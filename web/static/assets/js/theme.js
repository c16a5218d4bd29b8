// The colour theme: light, dark, or the system's. It is stored in this browser only.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";

const storageKey = "grapevine.theme";
const themes = ["auto", "light", "dark"];
/** @type {Record<string, string>} */
const icons = { auto: "auto", light: "sun", dark: "moon" };

/** @returns {string} */
function storedTheme() {
  try {
    const t = localStorage.getItem(storageKey) ?? "";
    return themes.includes(t) ? t : "auto";
  } catch {
    return "auto"; // storage is disabled
  }
}

export function applyTheme(theme = storedTheme()) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(storageKey, theme);
  } catch {
    // Storage is disabled: the choice lasts until the page is left.
  }
  dispatchEvent(new Event("themechange"));
}

/** @param {() => void} requestRender */
export function themeButton(requestRender) {
  const current = document.documentElement.dataset.theme ?? "auto";
  const next = themes[(themes.indexOf(current) + 1) % themes.length];
  const press = () => {
    applyTheme(next);
    requestRender();
  };
  return html`<button
    type="button"
    class="quiet square"
    @click=${press}
    title="Colours: ${current}"
    aria-label="Colours: ${current}. Switch to ${next}."
  >
    ${icon(icons[current])}
  </button>`;
}
