// The texts of the page in the language that is shown. Modules read them when they render, so the language can change.

import { preferredLanguage, setLanguage, storeLanguage } from "./language.js";

/** @typedef {typeof import("./texts/en.js").default & typeof import("./pipeline-texts/en.js").default} Texts */

const SERVER_LANGUAGE = "en";

export const t = /** @type {Texts} */ ({});

/** Translations of sentences of the server; see server-text.js. @type {Record<string, string>} */
export let serverTexts = {};

/** The folders of the texts that the page needs. */
const folders = ["texts"];

/** Adds the texts of one page to those of all. Has to be called before they are loaded. @param {string} folder */
export const addTexts = (folder) => void folders.push(folder);

/** @param {string} language its code @returns {Promise<Texts>} */
const readTexts = async (language) =>
  Object.assign({}, ...(await Promise.all(folders.map(async (folder) => (await import(`./${folder}/${language}.js`)).default))));

/**
 * Loads the texts of a language, or the English ones if its file cannot be loaded.
 *
 * @param {string} [language] its code
 */
export async function loadTexts(language = preferredLanguage()) {
  Object.assign(t, await readTexts(language).catch(() => readTexts("en")));
  setLanguage(t.code);
  document.documentElement.lang = t.code;
}

/** Loads what the server says in the language that is shown. The first paint does not need it. */
export async function loadServerTexts() {
  try {
    serverTexts = t.code === SERVER_LANGUAGE ? {} : (await import(`./server-texts/${t.code}.js`)).default;
  } catch {
    serverTexts = {}; // the sentences are shown as they are
  }
}

/** @param {string} language its code; the person chose it */
export async function chooseLanguage(language) {
  storeLanguage(language);
  await loadTexts(language).catch(() => {}); // without its file, the texts that are shown stay
  await loadServerTexts();
  dispatchEvent(new Event("textschange"));
}
