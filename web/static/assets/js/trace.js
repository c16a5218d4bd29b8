// The timeline of one change (when each step ended, in microseconds since MongoDB committed it), and the differences of
// its fields.

/** @typedef {keyof import("./texts.js").Texts["inspect"]["steps"]} StepName */

/** The steps in the order of the pipeline. @type {StepName[]} */
export const steps = ["committed", "seen", "cache", "jobs", "events", "browser", "checkpoint", "job"];

/** @param {unknown} n @returns {n is number} */
const isKnown = (n) => typeof n === "number" && Number.isFinite(n);

/**
 * The known steps of a change in the order of `steps`, in microseconds since the commit. The watcher
 * reports times since it received the change. MongoDB's commit time is in whole milliseconds and comes from another
 * clock. "seen" can therefore be negative, and then counts as 0.
 *
 * @param {Trace} trace
 * @param {number} [received] when the browser received the event: milliseconds since 1970, server's clock
 * @returns {TimelineStep[]}
 */
export function timeline(trace, received) {
  const seen = isKnown(trace.seenUs) ? Math.max(0, trace.seenUs) : 0;
  const at = (/** @type {number} */ us) => seen + us;
  /** @type {TimelineStep[]} */
  const timelineSteps = [
    { name: "committed", from: 0, to: 0 },
    { name: "seen", from: 0, to: seen },
  ];
  const cache = isKnown(trace.cacheUs) ? at(trace.cacheUs) : seen;
  if (isKnown(trace.cacheUs)) timelineSteps.push({ name: "cache", from: seen, to: cache });
  if (isKnown(trace.jobsUs)) timelineSteps.push({ name: "jobs", from: cache, to: at(trace.jobsUs) });
  const events = isKnown(trace.eventsUs) ? at(trace.eventsUs) : cache;
  if (isKnown(trace.eventsUs)) timelineSteps.push({ name: "events", from: cache, to: events });
  if (isKnown(received)) {
    const here = Math.max(events, (received - Date.parse(trace.committed)) * 1000);
    timelineSteps.push({ name: "browser", from: events, to: here });
  }
  if (isKnown(trace.checkpointUs))
    timelineSteps.push({
      name: "checkpoint",
      from: Math.max(cache, events, isKnown(trace.jobsUs) ? at(trace.jobsUs) : 0),
      to: at(trace.checkpointUs),
    });
  return timelineSteps;
}

/**
 * When the change's job ended, in microseconds since the commit; undefined while it has not, or if it has none.
 *
 * @param {Trace} trace
 * @param {Frame | undefined} job the last frame about the job
 */
export function jobEnd(trace, job) {
  if (!job || (job.event !== "job:completed" && !job.archived)) return undefined;
  return Math.max(0, (Date.parse(job.at) - Date.parse(trace.committed)) * 1000);
}

/**
 * Whether everything that follows from a change has happened, as far as this page can see.
 *
 * @param {TraceEntry} entry
 */
export const isFinished = ({ trace, job }) => isKnown(trace.checkpointUs) && (!trace.task || jobEnd(trace, job) !== undefined);

/**
 * Whether the clocks of MongoDB and the watcher disagree: the change was seen before its commit.
 *
 * @param {Trace} trace
 */
export const clocksDisagree = (trace) => isKnown(trace.seenUs) && trace.seenUs < 0;

/**
 * When the last step ended, in microseconds since the commit.
 *
 * @param {TimelineStep[]} timelineSteps
 */
export const totalTime = (timelineSteps) => timelineSteps.reduce((latest, step) => Math.max(latest, step.to), 0);

/**
 * The value of a field as text. A text longer than maxLength is cut in the middle.
 *
 * @param {any} value
 */
export function valueText(value, maxLength = 400) {
  if (value === undefined || value === null || value === "") return "";
  const text =
    typeof value === "string"
      ? value
      : Array.isArray(value) && value.every((v) => typeof v === "string")
        ? value.join(", ")
        : JSON.stringify(value);
  return text.length <= maxLength ? text : `${text.slice(0, maxLength / 2)} … ${text.slice(-maxLength / 2)}`;
}

/**
 * Compares two texts word by word: the words they share at the beginning (head) and at the end (tail), and
 * those that differ between.
 *
 * @param {string} before
 * @param {string} after
 */
export function textDiff(before, after) {
  const words = (/** @type {string} */ text) => text.split(/(?<=[\s,])|(?=,)/);
  const a = words(before);
  const b = words(after);
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  let j = 0;
  while (j < a.length - i && j < b.length - i && a[a.length - 1 - j] === b[b.length - 1 - j]) j++;
  return {
    head: a.slice(0, i).join(""),
    before: a.slice(i, a.length - j).join(""),
    after: b.slice(i, b.length - j).join(""),
    tail: a.slice(a.length - j).join(""),
  };
}
