// Times and numbers for people, in their language.

import { currentLocale, perLocale } from "./language.js";
import { formatCount } from "./plural.js";
import { t } from "./texts.js";

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const units = [
  ["year", 31536e6],
  ["month", 2592e6],
  ["day", 864e5],
  ["hour", 36e5],
  ["minute", 6e4],
];
const relative = perLocale((locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));
const dateTime = perLocale((locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" }));
/** @type {Intl.DateTimeFormatOptions} */
const hms = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const month = perLocale((locale) => new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" }));
const monthAndYear = perLocale((locale) => new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" }));
const shortNumbers = perLocale((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
const list = perLocale((locale) => new Intl.ListFormat(locale, { type: "unit" }));
const collator = perLocale((locale) => new Intl.Collator(locale, { numeric: true }));

/**
 * "3 min. ago", or "just now" for less than a minute in either direction: clocks may differ.
 *
 * @param {string | undefined} iso
 */
export function timeAgo(iso, now = Date.now()) {
  const difference = Date.parse(iso ?? "") - now;
  if (Number.isNaN(difference)) return "";
  for (const [unit, ms] of units) if (Math.abs(difference) >= ms) return relative().format(Math.trunc(difference / ms), unit);
  return t.time.justNow;
}

/** @param {string | undefined} iso */
export const fullTime = (iso) => (iso ? dateTime().format(new Date(iso)) : "");

/**
 * The local time of day with the marks of the language, "14:05:09" or with milliseconds "14:05:09.123".
 *
 * @param {string | number} at
 * @param {1 | 2 | 3} [digits]
 */
export const timeOfDay = (at, digits) => new Date(at).toLocaleTimeString(currentLocale(), { ...hms, fractionalSecondDigits: digits });

/** The name of a month, "Nov" for "2026-11". @param {string} yearAndMonth */
export const monthName = (yearAndMonth) => month().format(new Date(`${yearAndMonth}-01`));

/** "Nov 2026" for "2026-11". @param {string} yearAndMonth */
export const monthOfYear = (yearAndMonth) => monthAndYear().format(new Date(`${yearAndMonth}-01`));

/** @param {string[]} texts */
export const formatList = (texts) => list().format(texts);

/** Orders texts as people of the language expect it. The order of contacts is the server's instead; see order.js. @param {string} a @param {string} b */
export const compareForPeople = (a, b) => collator().compare(a, b);

/**
 * Microseconds as "480 µs", "3.2 ms", "1.4 s" or "5 min".
 *
 * @param {number} us
 */
export function formatDuration(us) {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${shortNumbers().format(us < 1e4 ? us / 1000 : Math.round(us / 1000))} ms`;
  return us < 12e7 ? `${shortNumbers().format(us / 1e6)} s` : `${formatCount(Math.round(us / 6e7))} min`;
}

/**
 * @param {number} share from 0 to 1
 * @param {number} digits after the point
 */
export const formatPercent = (share, digits) =>
  new Intl.NumberFormat(currentLocale(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);

/** @param {number} n */
export function formatBytes(n) {
  if (n < 1e3) return `${n} B`;
  return n < 1e6 ? `${Math.round(n / 1e3)} kB` : `${shortNumbers().format(n / 1e6)} MB`;
}

/**
 * The last n months, including months without contacts. The last one is the current month, or the newest
 * with contacts if that is later.
 *
 * @param {{month: string, count: number}[]} items
 * @param {Date} now
 */
export function lastMonths(items, now, n = 18) {
  const counts = new Map(items.map((i) => [i.month, i.count]));
  const current = now.toISOString().slice(0, 7);
  const newest = items.reduce((latest, i) => (i.month > latest ? i.month : latest), current);
  let [year, monthNumber] = newest.split("-").map(Number);
  const months = [];
  for (let i = 0; i < n; i++) {
    const name = `${year}-${String(monthNumber).padStart(2, "0")}`;
    months.unshift({ month: name, count: counts.get(name) ?? 0 });
    if (--monthNumber === 0) [year, monthNumber] = [year - 1, 12];
  }
  return months;
}
