// The texts of the page in the language that is shown. Modules read them when they render, so the language can change.

import { preferredLanguage, setLanguage, storeLanguage } from "./language.js";
import english from "./texts/en.js";

/** @typedef {typeof english} Texts */

/** @type {Texts} */
export const t = { ...english };

/**
 * Loads the texts of a language. English ones stay if the file cannot be loaded.
 *
 * @param {string} [language] its code
 */
export async function loadTexts(language = preferredLanguage()) {
  try {
    Object.assign(t, language === "en" ? english : (await import(`./texts/${language}.js`)).default);
    setLanguage(language);
  } catch {
    setLanguage("en");
  }
  document.documentElement.lang = t.code;
}

/** @param {string} language its code; the person chose it */
export async function chooseLanguage(language) {
  storeLanguage(language);
  await loadTexts(language);
  dispatchEvent(new Event("textschange"));
}
