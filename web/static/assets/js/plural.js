// Numbers in sentences, by the rules of the language.

import { perLocale } from "./language.js";

const numbers = perLocale((locale) => new Intl.NumberFormat(locale));
const rules = perLocale((locale) => new Intl.PluralRules(locale));

/** @param {number} n */
export const formatCount = (n) => numbers().format(n);

/**
 * The form for a number, in which # stands for it: plural(2, {one: "# contact", other: "# contacts"}) is "2 contacts".
 *
 * @param {number} n
 * @param {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} forms
 */
export const plural = (n, forms) => (forms[rules().select(n)] ?? forms.other).replace("#", formatCount(n));
