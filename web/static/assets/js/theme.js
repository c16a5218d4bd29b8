// Light, dark, or as the system says. Kept in this browser only.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";

const key = "grapevine.theme";
const order = ["auto", "light", "dark"];
const icons = { auto: "auto", light: "sun", dark: "moon" };

function stored() {
  try {
    const t = localStorage.getItem(key);
    return order.includes(t) ? t : "auto";
  } catch {
    return "auto"; // storage is switched off
  }
}

export function applyTheme(theme = stored()) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Then it lasts until the page is left.
  }
  dispatchEvent(new Event("themechange"));
}

export function themeButton(rerender) {
  const now = document.documentElement.dataset.theme ?? "auto";
  const next = order[(order.indexOf(now) + 1) % order.length];
  const press = () => {
    applyTheme(next);
    rerender();
  };
  return html`<button
    type="button"
    class="quiet square"
    @click=${press}
    title="Colours: ${now}"
    aria-label="Colours: ${now}. Switch to ${next}."
  >
    ${icon(icons[now])}
  </button>`;
}
