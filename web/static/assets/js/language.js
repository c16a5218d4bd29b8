// The language of the page: chosen by the person, else the browser's, else English. It is stored in this browser only.

import { readStored, store } from "./storage.js";

const storageKey = "grapevine.language";

/** The languages of the page by their codes. Each has a file of its name in texts. */
export const languages = /** @type {Record<string, string>} */ ({ en: "English", de: "Deutsch" });

let locale = "en";

/** The language of numbers and dates with its region, such as en-GB. */
export const currentLocale = () => locale;

/** The code of the language that is shown. */
export const currentLanguage = () => languageOf(locale);

/** @param {string} tag such as de-AT */
const languageOf = (tag) => tag.split("-")[0].toLowerCase();

/** What the browser asks for. @returns {readonly string[]} */
const browserLocales = () => (globalThis.navigator?.languages ?? []).filter(isLocale);

/** Whether a tag is one for the browser itself: some systems have "c". @param {string} tag */
function isLocale(tag) {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/** The code of the language that a person sees first. */
export function preferredLanguage() {
  const wanted = [readStored(storageKey) ?? "", ...browserLocales()].map(languageOf);
  return wanted.find((language) => Object.hasOwn(languages, language)) ?? "en";
}

/** @param {string} language its code. Numbers and dates follow the region that the browser names for it. */
export function setLanguage(language) {
  locale = browserLocales().find((tag) => languageOf(tag) === language) ?? language;
}

/** @param {string} language the choice of the person */
export const storeLanguage = (language) => store(storageKey, language);

/**
 * Keeps what a function makes for a locale, because making formatters is slow.
 *
 * @template Value
 * @param {(locale: string) => Value} make
 * @returns {() => Value}
 */
export function perLocale(make) {
  /** @type {Map<string, Value>} */
  const made = new Map();
  return () => {
    let value = made.get(locale);
    if (!value) made.set(locale, (value = make(locale)));
    return value;
  };
}
