// Times and numbers for people.

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const units = [
  ["year", 31536e6],
  ["month", 2592e6],
  ["day", 864e5],
  ["hour", 36e5],
  ["minute", 6e4],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const dateTime = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "long" }); // shared: making one is slow
/** @type {Intl.DateTimeFormatOptions} */
const hms = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const number = new Intl.NumberFormat("en");

/**
 * "3 min. ago", or "just now" for less than a minute in either direction: clocks may differ.
 *
 * @param {string | undefined} iso
 */
export function timeAgo(iso, now = Date.now()) {
  const difference = Date.parse(iso ?? "") - now;
  if (Number.isNaN(difference)) return "";
  for (const [unit, ms] of units) if (Math.abs(difference) >= ms) return relative.format(Math.trunc(difference / ms), unit);
  return "just now";
}

/** @param {string | undefined} iso */
export const fullTime = (iso) => (iso ? dateTime.format(new Date(iso)) : "");

/**
 * The local time of day, "14:05:09" or with milliseconds "14:05:09.123".
 *
 * @param {string | number} at
 * @param {1 | 2 | 3} [digits]
 */
export const timeOfDay = (at, digits) => new Date(at).toLocaleTimeString("en-GB", digits && { ...hms, fractionalSecondDigits: digits });

/** @param {number} n */
export const formatCount = (n) => number.format(n);

/**
 * "1 contact", "2 contacts".
 *
 * @param {number} n
 * @param {string} singular
 */
export const plural = (n, singular, pluralForm = `${singular}s`) => `${formatCount(n)} ${n === 1 ? singular : pluralForm}`;

/**
 * Microseconds as "480 µs", "3.2 ms", "1.4 s" or "5 min".
 *
 * @param {number} us
 */
export function formatDuration(us) {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${(us / 1000).toFixed(us < 1e4 ? 1 : 0)} ms`;
  return us < 12e7 ? `${(us / 1e6).toFixed(1)} s` : `${formatCount(Math.round(us / 6e7))} min`;
}

/** @param {number} n */
export function formatBytes(n) {
  if (n < 1e3) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
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
  let [year, month] = newest.split("-").map(Number);
  const months = [];
  for (let i = 0; i < n; i++) {
    const name = `${year}-${String(month).padStart(2, "0")}`;
    months.unshift({ month: name, count: counts.get(name) ?? 0 });
    if (--month === 0) [year, month] = [year - 1, 12];
  }
  return months;
}
