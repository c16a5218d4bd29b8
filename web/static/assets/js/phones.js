// The forms of a phone number by which a search finds a contact, equal to the server's: see package derived. Each form
// has a mark in front, so that a start or an end of the number is the start of a form.

import { fold } from "./fold.js";

const MIN_DIGITS = 3; // that a search needs; + counts as 00
const MAX_DIGITS = 32;
const INTERNATIONAL = "+"; // with the country's code
const NO_COUNTRY = "~"; // without country's code and trunk zero, of a number whose country is not known
const REVERSED = "-"; // the digits from the last to the first

/** The codes of one and two digits. All others have three. */
const countryCodes = new Set(
  "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split(
    " ",
  ),
);

/**
 * @typedef {object} PhoneNumber
 * @property {string} written all digits
 * @property {string} digits without international prefix; without trunk zero if the country is known
 * @property {number} country digits of the country's code; zero if the country is not known
 * @property {number} extension digits of the extension
 */

/**
 * Reads the digits of a text. Letters behind the number begin an extension.
 *
 * @param {string} text
 * @returns {PhoneNumber}
 */
function parseNumber(text) {
  const folded = fold(text).replaceAll(" ", "");
  let digits = "";
  let plus = false;
  let main = 0;
  for (let i = 0; i < folded.length && digits.length < MAX_DIGITS; i++) {
    const c = folded[i];
    if (c >= "0" && c <= "9") digits += c;
    else if (!digits) plus ||= c === "+";
    else if (folded.startsWith("(0)", i))
      i += 2; // the trunk zero behind a country's code
    else if (!main && digits.length >= MIN_DIGITS && /[a-z;#]/.test(c)) main = digits.length;
  }
  const extension = main ? digits.length - main : 0;
  const written = digits;
  if (!plus && digits.length > 2 && digits.startsWith("00")) {
    digits = digits.slice(2);
    plus = true;
  }
  if (!plus || !digits) return { written, digits, country: 0, extension };
  const country = countryCode(digits);
  return { written, digits: digits.slice(0, country) + digits.slice(country).replace(/^0/, ""), country, extension };
}

/**
 * The number of digits of the country's code at the start of an international number.
 *
 * @param {string} digits
 */
function countryCode(digits) {
  for (let n = 1; n < Math.min(digits.length, 3); n++) if (countryCodes.has(digits.slice(0, n))) return n;
  return Math.min(digits.length, 3);
}

/** @param {string} digits */
const reverse = (digits) => [...digits].reverse().join("");

/**
 * The forms of a contact's phone number.
 *
 * @param {string} text
 */
export function phoneForms(text) {
  const { digits, country, extension } = parseNumber(text);
  if (digits.length < MIN_DIGITS) return [];
  const forms = [REVERSED + reverse(digits)];
  if (extension > 0) forms.push(REVERSED + reverse(digits.slice(0, digits.length - extension)));
  if (country === 0) {
    const national = digits.replace(/^0/, "");
    return [...forms, `0${national}`, NO_COUNTRY + national];
  }
  const national = digits.slice(country);
  return [...forms, INTERNATIONAL + digits, `0${national}`, national];
}

/**
 * The starts of forms that a searched number finds. null: it has too few digits.
 *
 * @param {string} text
 * @returns {string[] | null}
 */
export function phoneStarts(text) {
  const { written, digits, country } = parseNumber(text);
  if (country > 0) {
    const national = digits.slice(country);
    const starts = [INTERNATIONAL + digits, NO_COUNTRY + digits]; // the second was written without its +
    if (national.length + 1 >= MIN_DIGITS) starts.push(NO_COUNTRY + national);
    if (written.startsWith("00")) starts.push(REVERSED + reverse(written)); // they may also be the end of a number
    return starts;
  }
  if (digits.length < MIN_DIGITS) return null;
  if (digits[0] === "0") return [digits, REVERSED + reverse(digits)];
  const starts = [digits, INTERNATIONAL + digits, NO_COUNTRY + digits, REVERSED + reverse(digits)];
  const code = countryCode(digits);
  const national = digits.slice(code + 1);
  // A country's code without + and a trunk zero.
  if (digits[code] === "0" && national.length >= MIN_DIGITS - 1) starts.push(INTERNATIONAL + digits.slice(0, code) + national);
  return starts;
}
