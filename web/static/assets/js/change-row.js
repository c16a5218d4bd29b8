// One change in the pipeline view: a row that opens to the steps, the differences and the job.

import { html } from "../vendor/lit/lit-html.js";
import { fieldLabel } from "./contact-fields.js";
import { stepClasses } from "./diagram.js";
import { formatDuration, fullTime, timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { operationName } from "./operation-name.js";
import { formatCount } from "./plural.js";
import { t } from "./texts.js";
import { clocksDisagree, jobEnd, steps, textDiff, timeline, totalTime, valueText } from "./trace.js";

/**
 * The path of a task in asynqmon, below its root.
 *
 * @param {string} queue
 * @param {string} task
 */
export const taskPath = (queue, task) => `/queues/${encodeURIComponent(queue)}/tasks/${encodeURIComponent(task)}`;

/** The tone of the badge of a job, by its state in asynqmon. @type {Record<string, string>} */
const jobTones = { completed: "ok", archived: "bad", retry: "warn", active: "wait", pending: "wait", scheduled: "wait", gone: "" };

/** @param {string | undefined} source */
const sourceBadge = (source) =>
  source
    ? html`<span class="source ${source}">${icon(source === "direct" ? "leaf" : "bolt")}${source === "direct" ? "MongoDB" : "API"}</span>`
    : html`<span></span>`;

/**
 * @typedef {object} ChangeRowProps
 * @property {TraceEntry} entry
 * @property {boolean} open
 * @property {string} workspace of the page
 * @property {string | undefined} queue the queue of the welcome jobs
 * @property {() => void} onToggle
 */

/** @param {ChangeRowProps} props */
export function changeRow(props) {
  const { entry, open, workspace, onToggle } = props;
  const { trace, omitted } = entry;
  const line = timeline(trace, entry.received);
  const total = totalTime(line);
  const bar = (/** @type {TimelineStep} */ s) => {
    const style = `left:${(s.from / total) * 100}%;width:${Math.max(1.2, ((s.to - s.from) / total) * 100)}%`;
    return html`<i class=${stepClasses[s.name]} .style=${style}></i>`;
  };
  return html`<li class="trace ${trace.op} ${open ? "open" : ""}">
    <button type="button" class="trace-row" aria-expanded=${open} @click=${onToggle}>
      <time datetime=${trace.committed} title=${fullTime(trace.committed)}>${timeOfDay(trace.committed)}</time>
      <span class="op ${trace.op}">${operationName(trace)}</span>
      <span class="who"
        ><b><bdi>${trace.name || trace.id || t.inspect.everything}</bdi></b
        >${trace.workspace && trace.workspace !== workspace ? html` <small>${trace.workspace}</small>` : ""} ${changeSummary(trace)}</span
      >
      ${sourceBadge(trace.source)}
      <span class="mini" aria-hidden="true">${line.filter((s) => s.to > s.from).map(bar)}</span>
      <span class="sum">${formatDuration(total)}</span>
    </button>
    ${open ? changeDetail(props, line, total) : ""} ${omitted ? html`<p class="left-out">${t.inspect.omitted(omitted)}</p>` : ""}
  </li>`;
}

/**
 * The first changed field of an update.
 *
 * @param {Trace} trace
 */
function changeSummary(trace) {
  if (trace.op !== "updated") return "";
  const changed = Object.entries(trace.changed ?? {});
  if (!changed.length) return "";
  const [name, [before, after]] = changed[0];
  const values = html`: <del>${valueText(before, 40)}</del> <ins>${valueText(after, 40)}</ins>`;
  return html`<small class="what">${fieldLabel(name)}${changed.length > 1 ? t.inspect.moreFields(changed.length - 1) : values}</small>`;
}

/**
 * @param {ChangeRowProps} props
 * @param {TimelineStep[]} line
 * @param {number} total
 */
function changeDetail({ entry, workspace, queue }, line, total) {
  const { trace } = entry;
  const changed = Object.entries(trace.changed ?? {});
  return html`<div class="detail">
    ${waterfall(entry, line, total)}
    ${clocksDisagree(trace) ? html`<p class="note">${t.inspect.watcherBehind(formatDuration(-(trace.seenUs ?? 0)))}</p>` : ""}
    ${line.some((s) => s.name === "browser") ? "" : html`<p class="note">${t.inspect.otherWorkspace(workspace)}</p>`}
    ${
      changed.length
        ? html`<dl class="diffs">${changed.map(([name, [before, after]]) => fieldDiff(name, valueText(before), valueText(after)))}</dl>`
        : trace.op === "updated"
          ? html`<p class="note">${t.inspect.noFieldChanged}</p>`
          : ""
    }
    <p class="links">
      ${Number(trace.batch) > 1 ? html`<span>${t.inspect.batch(formatCount(Number(trace.batch)))}</span>` : ""}<span
        >${t.inspect.position} <code>${trace.position}</code></span
      >
      ${trace.id ? html`<a href="/?${contactQuery(trace.workspace, trace.id)}">${icon("person")}${t.inspect.openContact}</a>` : ""}
      ${queue && trace.task ? html`<a href="/jobs${taskPath(queue, trace.task)}" target="_blank" rel="noopener">${icon("external")}${t.inspect.job}</a> ${jobBadge(entry)}` : ""}
    </p>
  </div>`;
}

/**
 * @param {string | undefined} workspace
 * @param {string} contact
 */
const contactQuery = (workspace, contact) =>
  new URLSearchParams({ ...(workspace && workspace !== "default" ? { workspace } : {}), contact });

/**
 * @param {TraceEntry} entry
 * @param {TimelineStep[]} line
 * @param {number} total
 */
function waterfall({ trace, job }, line, total) {
  const ended = jobEnd(trace, job);
  const titles = new Map(steps.map((name) => [/** @type {string} */ (name), t.inspect.steps[name].join(" ")]));
  const step = (/** @type {TimelineStep} */ s) => {
    const left = total ? (s.from / total) * 100 : 0;
    const width = total ? Math.max(0.7, ((s.to - s.from) / total) * 100) : 1;
    return html`<li>
      <span class="step">${titles.get(s.name)}</span
      ><span class="lane"><i class=${stepClasses[s.name]} .style=${`left:${left}%;width:${width}%`}></i></span
      ><span class="t">${s.name === "committed" ? timeOfDay(trace.committed, 3) : `+${formatDuration(s.to)}`}</span>
    </li>`;
  };
  return html`<ol class="waterfall" aria-label=${t.inspect.waterfall}>
    ${line.map(step)}${
      ended === undefined
        ? ""
        : html`<li>
            <span class="step">${titles.get("job")}</span><span class="lane"></span><span class="t">+${formatDuration(ended)}</span>
          </li>`
    }
  </ol>`;
}

/**
 * @param {string} name
 * @param {string} before
 * @param {string} after
 */
function fieldDiff(name, before, after) {
  const diff = textDiff(before, after);
  const both = html`<div><span>${diff.head}</span><del>${diff.before}</del><span>${diff.tail}</span></div>
    <div><span>${diff.head}</span><ins>${diff.after}</ins><span>${diff.tail}</span></div>`;
  return html`<dt>${fieldLabel(name)}</dt>
    <dd class="diff">${before === "" ? html`<ins>${after}</ins>` : after === "" ? html`<del>${before}</del>` : both}</dd>`;
}

/** @param {TraceEntry} entry */
function jobBadge({ job, taskState }) {
  if (!job) {
    const state = taskState && taskState in jobTones ? taskState : "pending";
    return html`<span class="badge ${jobTones[state]}">${t.inspect.jobStates[state]}</span>`;
  }
  if (job.event === "job:completed") return html`<span class="badge ok">${t.inspect.jobDone(job.attempt)}</span>`;
  return html`<span class="badge bad">${t.inspect.jobFailed(job.attempt, Boolean(job.archived))}</span> ${job.error ?? ""}`;
}
