// Times and numbers as a person reads them.

const units = [
  ["year", 31536e6],
  ["month", 2592e6],
  ["day", 864e5],
  ["hour", 36e5],
  ["minute", 6e4],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "long" }); // made once: making one costs more than a row
const hms = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const number = new Intl.NumberFormat("en");

/** "3 min. ago"; "just now" for less than a minute, whichever side of now a skewed clock puts it. */
export function ago(iso, now = Date.now()) {
  const d = Date.parse(iso) - now;
  if (Number.isNaN(d)) return "";
  for (const [unit, ms] of units) if (Math.abs(d) >= ms) return relative.format(Math.trunc(d / ms), unit);
  return "just now";
}

export const full = (iso) => (iso ? moment.format(new Date(iso)) : "");
/** The time of day here, "14:05:09" or with milliseconds "14:05:09.123". */
export const clock = (at, digits) => new Date(at).toLocaleTimeString("en-GB", digits && { ...hms, fractionalSecondDigits: digits });
export const count = (n) => number.format(n);
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** Microseconds as "480 µs", "3.2 ms", "1.4 s" or "5 min". */
export function duration(us) {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${(us / 1000).toFixed(us < 1e4 ? 1 : 0)} ms`;
  return us < 12e7 ? `${(us / 1e6).toFixed(1)} s` : `${count(Math.round(us / 6e7))} min`;
}

export function bytes(n) {
  if (n < 1e3) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

/** The last n months up to the newest that has contacts or to now, those without any included. */
export function lastMonths(items, now, n = 18) {
  const by = new Map(items.map((i) => [i.month, i.count]));
  const newest = [now.toISOString().slice(0, 7), ...items.map((i) => i.month)].sort().at(-1);
  let [y, m] = newest.split("-").map(Number);
  const out = [];
  for (let i = 0; i < n; i++) {
    const month = `${y}-${String(m).padStart(2, "0")}`;
    out.unshift({ month, count: by.get(month) ?? 0 });
    if (--m === 0) [y, m] = [y - 1, 12];
  }
  return out;
}
