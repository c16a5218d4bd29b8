// The colour theme: light, dark, or the system's. It is stored in this browser only.

import { readStored, store } from "./storage.js";

const storageKey = "grapevine.theme";
/** The themes and their icons. */
export const themes = { auto: "auto", light: "sun", dark: "moon" };

/** @returns {string} */
function storedTheme() {
  const stored = readStored(storageKey) ?? "";
  return Object.hasOwn(themes, stored) ? stored : "auto";
}

export function applyTheme(theme = storedTheme()) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  store(storageKey, theme);
  dispatchEvent(new Event("themechange"));
}

/** The colours that the person chose. */
export const currentTheme = () => document.documentElement.dataset.theme ?? "auto";
