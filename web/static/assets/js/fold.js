// The texts by which lists order contacts, equal to the server's: package derived makes the same ones for MongoDB.

const MAX_TEXT = 200; // characters of one name
const MAX_SORT_TEXT = 300; // characters; longer texts are equal if they begin with the same
export const NO_TEXT = "\u{10ffff}"; // of a contact without a name, or without a company: after every other text

const apostrophes = new Set("'`‘’‛′‵ʹʻʼʽʾʿˈˊˋ՚׳״Ꞌꞌ");
const digitZeros = [..."٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐"].map((zero) => zero.charCodeAt(0));
const plainLetters = new Map(
  Object.entries({
    ...{ ß: "ss", æ: "ae", œ: "oe", þ: "th", ð: "d", đ: "d", ɖ: "d", ɗ: "d", ɓ: "b", ƙ: "k", ƴ: "y" },
    ...{ ł: "l", ø: "o", ħ: "h", ŧ: "t", ŋ: "n", ə: "e", ǝ: "e", ǥ: "g", ƶ: "z", ĸ: "k" },
  }),
);

/**
 * Whether people leave out the mark of a Cyrillic letter: the stress of a vowel, and the dots of ё.
 *
 * @param {string} letter
 * @param {string} mark
 */
const isStress = (letter, mark) => /^(?:[аеиоуыэюяіє][\u0300\u0301]|е\u0308)$/.test(letter + mark);

/** @param {string} character */
function foldCharacter(character) {
  const lower = character === "ß" ? character : character.toUpperCase().toLowerCase();
  const plain = plainLetters.get(lower);
  if (plain) return plain;
  const code = lower.charCodeAt(0);
  const zero = digitZeros.find((first) => first <= code && code <= first + 9);
  return zero === undefined ? lower : String(code - zero);
}

/**
 * The text without case, the accents of Latin and Greek letters, the vowel signs of Arabic and Hebrew, apostrophes, width and repeated blanks. Fold in Go says more.
 *
 * @param {string} text
 */
export function fold(text) {
  let folded = "";
  let keepsMarks = false;
  let letter = "";
  let blank = false;
  const decomposed = text
    .toWellFormed()
    .normalize("NFKD")
    .replace(/ [\u0301\u0313\u0314]/g, "'"); // an accent that stands alone is an apostrophe
  for (const character of decomposed) {
    if (/[\p{Z}\p{Cc}]/u.test(character)) {
      keepsMarks = false;
      blank = true;
    } else if (apostrophes.has(character) || /[\p{Cf}\p{Default_Ignorable_Code_Point}ـ]/u.test(character)) {
      continue; // nobody types it
    } else if (/\p{M}/u.test(character)) {
      if (keepsMarks && !isStress(letter, character)) folded += character;
    } else {
      keepsMarks = /\p{L}/u.test(character) && !/[\p{Script=Latin}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}]/u.test(character);
      letter = character.toLowerCase();
      if (blank && folded) folded += " ";
      blank = false;
      folded += foldCharacter(character);
    }
  }
  return folded.normalize("NFC");
}

/**
 * The first n characters. Somebody may have stored a text of any length.
 *
 * @param {string} text
 * @param {number} n
 */
export function firstCharacters(text, n) {
  if (text.length <= n) return text;
  let end = 0;
  let left = n;
  for (const character of text) {
    if (left-- === 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * The folded text without the punctuation and symbols in front of it.
 *
 * @param {string | undefined} text
 */
function sortText(text) {
  const folded = fold(firstCharacters(text ?? "", MAX_TEXT));
  return firstCharacters(folded.replace(/^[^\p{L}\p{M}\p{N}]+/u, "") || folded, MAX_SORT_TEXT);
}

/**
 * The text by which lists order names.
 *
 * @param {Contact} contact
 */
export function nameText(contact) {
  if (contact.kind === "organization" && contact.name) return sortText(contact.name) || NO_TEXT;
  const { lastName, firstName, middleName, nickname } = contact;
  const parts = [lastName, firstName, middleName, nickname].map(sortText).filter(Boolean);
  return firstCharacters(parts.join("\t"), MAX_SORT_TEXT) || sortText(contact.fullName) || NO_TEXT;
}

/**
 * The text by which lists order companies.
 *
 * @param {Contact} contact
 */
export const companyText = (contact) => sortText(contact.company) || NO_TEXT;

/**
 * Orders two of these texts by code points, as MongoDB does. The operator < orders UTF-16 units.
 *
 * @param {string} a
 * @param {string} b
 */
export function compareTexts(a, b) {
  const n = Math.min(a.length, b.length);
  let i = 0;
  while (i < n && a[i] === b[i]) i++;
  if (i === n) return a.length - b.length;
  const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
  // A surrogate is a part of a character beyond U+FFFF, which comes after all others.
  const isSurrogate = (/** @type {number} */ unit) => 0xd800 <= unit && unit <= 0xdfff;
  return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
}
