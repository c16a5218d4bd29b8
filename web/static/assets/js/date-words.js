// Dates of a contact in words.

import { perLocale } from "./language.js";
import { t } from "./texts.js";

const SOON = 30; // days before a date of the year that are counted
const DAY = 864e5;

const dayAndYear = perLocale((locale) => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }));
const dayOnly = perLocale((locale) => new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", timeZone: "UTC" }));

/**
 * A stored date such as 1990-12-31 or --12-31.
 *
 * @param {string | undefined} text
 * @returns {{year: number | undefined, month: number, day: number} | undefined} undefined: the text is no date
 */
function parseDate(text = "") {
  const [, year, month, day] = /^(\d{4}|-)-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!day) return undefined;
  return { year: year === "-" ? undefined : Number(year), month: Number(month), day: Number(day) };
}

/**
 * "31 December 1990", or "31 December" without a year; a text that is no date as it is.
 *
 * @param {string | undefined} text
 */
export function dateInWords(text) {
  const date = parseDate(text);
  if (!date) return text ?? "";
  const { year, month, day } = date;
  const at = new Date(0);
  at.setUTCFullYear(year ?? 2000, month - 1, day); // Date.UTC takes the years up to 99 for 1900 to 1999
  return (year === undefined ? dayOnly() : dayAndYear()).format(at);
}

/**
 * What a date says today: the age on a birthday, and how soon a day of the year comes.
 *
 * @param {string | undefined} text
 * @param {string | undefined} label
 * @param {Date} now
 * @returns {string[]}
 */
export function dateRemarks(text, label, now) {
  const date = parseDate(text);
  if (!date) return [];
  const { year, month, day } = date;
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  let next = Date.UTC(now.getFullYear(), month - 1, day);
  if (next < today) next = Date.UTC(now.getFullYear() + 1, month - 1, day);
  const days = Math.round((next - today) / DAY);
  const remarks = [];
  if (label === "birthday" && year !== undefined && year <= now.getFullYear()) {
    const passed = now.getMonth() + 1 > month || (now.getMonth() + 1 === month && now.getDate() >= day);
    const age = now.getFullYear() - year - (passed ? 0 : 1);
    if (age >= 0) remarks.push(t.card.age(age));
  }
  if ((label === "birthday" || label === "anniversary") && days <= SOON) remarks.push(daysFromNow(days));
  return remarks;
}

/** @param {number} days */
const daysFromNow = (days) => (days === 0 ? t.card.today : days === 1 ? t.card.tomorrow : t.card.inDays(days));
