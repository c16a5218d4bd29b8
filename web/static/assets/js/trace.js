// What a trace says about one change: when each step was over, in microseconds since MongoDB committed
// it, and what became of its fields.

export const steps = [
  ["committed", "Committed", "in MongoDB"],
  ["seen", "Seen", "by the watcher"],
  ["cache", "Forgotten", "by the cache"],
  ["jobs", "Enqueued", "as jobs"],
  ["events", "Broadcast", "to rooms"],
  ["browser", "Here", "in this browser"],
  ["checkpoint", "Checkpoint", "moved"],
];

const known = (n) => typeof n === "number" && Number.isFinite(n);

/**
 * [{name, from, to}] in microseconds since the commit, in the order of `steps`, without the steps that
 * are not known. Times of the watcher count from the moment it had the change in hand. MongoDB's commit
 * time is in whole milliseconds and of another clock, so "seen" may come out negative: it is shown as 0.
 * received is the browser's time of arrival in milliseconds since 1970, on the server's clock.
 */
export function timeline(trace, received) {
  const seen = Math.max(0, known(trace.seenUs) ? trace.seenUs : 0);
  const at = (us) => seen + us;
  const out = [
    { name: "committed", from: 0, to: 0 },
    { name: "seen", from: 0, to: seen },
  ];
  const cache = known(trace.cacheUs) ? at(trace.cacheUs) : seen;
  if (known(trace.cacheUs)) out.push({ name: "cache", from: seen, to: cache });
  if (known(trace.jobsUs)) out.push({ name: "jobs", from: cache, to: at(trace.jobsUs) });
  const events = known(trace.eventsUs) ? at(trace.eventsUs) : cache;
  if (known(trace.eventsUs)) out.push({ name: "events", from: cache, to: events });
  if (known(received)) {
    const here = Math.max(events, (received - Date.parse(trace.committed)) * 1000);
    out.push({ name: "browser", from: events, to: here });
  }
  if (known(trace.checkpointUs))
    out.push({ name: "checkpoint", from: Math.max(cache, events, known(trace.jobsUs) ? at(trace.jobsUs) : 0), to: at(trace.checkpointUs) });
  return out;
}

/** The clocks of MongoDB and the watcher disagree: the change was seen before it was committed. */
export const skewed = (trace) => known(trace.seenUs) && trace.seenUs < 0;

/** When the last step was over, in microseconds since the commit. */
export const total = (line) => line.reduce((most, s) => Math.max(most, s.to), 0);

/** A value of a contact as text for a difference; long text keeps its two ends. */
export function textOf(value, most = 400) {
  if (value === undefined || value === null || value === "") return "";
  const text =
    typeof value === "string"
      ? value
      : Array.isArray(value) && value.every((v) => typeof v === "string")
        ? value.join(", ")
        : JSON.stringify(value);
  return text.length <= most ? text : `${text.slice(0, most / 2)} … ${text.slice(-most / 2)}`;
}

/** Splits two texts, word by word, into what they share at both ends and what differs between: {head, before, after, tail}. */
export function difference(before, after) {
  const words = (text) => text.split(/(?<=[\s,])|(?=,)/);
  const a = words(before);
  const b = words(after);
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  let j = 0;
  while (j < a.length - i && j < b.length - i && a[a.length - 1 - j] === b[b.length - 1 - j]) j++;
  const join = (list, from, to) => list.slice(from, to).join("");
  return { head: join(a, 0, i), before: join(a, i, a.length - j), after: join(b, i, b.length - j), tail: join(a, a.length - j) };
}
