// Sentences of the server in the language of the page.

import { serverTexts } from "./texts.js";

/** @typedef {{pattern: RegExp, translation: string}} Rule */

const VALUE = String.raw`("(?:[^"\\]|\\.)*"|[\d.,E+]+)`;

/** The rules of the language that was shown last. @type {{texts: Record<string, string>, rules: Rule[]}} */
let compiled = { texts: {}, rules: [] };

function rules() {
  if (compiled.texts !== serverTexts) {
    /** @param {[string, string]} entry @returns {Rule} */
    const rule = ([sentence, translation]) => {
      const escaped = sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return { pattern: new RegExp(`^${escaped.replaceAll("#", VALUE).replaceAll("…", "(.+?)")}$`, "s"), translation };
    };
    compiled = { texts: serverTexts, rules: Object.entries(serverTexts).map(rule) };
  }
  return compiled.rules;
}

/**
 * A sentence of the server in the language of the page. One that has no translation stays as it is. In a translation, #
 * stands for a number or a quoted value, and … for another sentence, in the order of the original.
 *
 * @param {string} sentence
 * @returns {string}
 */
export function serverText(sentence) {
  for (const { pattern, translation } of rules()) {
    const parts = pattern.exec(sentence)?.slice(1);
    if (parts) return translation.replace(/[#…]/g, (mark) => (mark === "…" ? serverText(parts.shift() ?? "") : (parts.shift() ?? "")));
  }
  return sentence;
}
