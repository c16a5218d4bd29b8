// The colour theme: light, dark, or the system's. It is stored in this browser only.

const storageKey = "grapevine.theme";
/** The themes and their icons. */
export const themes = { auto: "auto", light: "sun", dark: "moon" };

/** @returns {string} */
function storedTheme() {
  try {
    const stored = localStorage.getItem(storageKey) ?? "";
    return Object.hasOwn(themes, stored) ? stored : "auto";
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

/** The colours that the person chose. */
export const currentTheme = () => document.documentElement.dataset.theme ?? "auto";
