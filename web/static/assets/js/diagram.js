// The diagram of the pipeline, with the times of the last change.

import { html } from "../vendor/lit/lit-html.js";
import { operationName } from "./operation-name.js";
import { watcherState } from "./watcher-state.js";
import { t } from "./texts.js";
import { jobEnd, timeline } from "./trace.js";
import { formatDuration, timeOfDay } from "./format.js";
import { formatCount } from "./plural.js";

/** @import { StepName } from "./trace.js" */

/** The CSS class that colours each step. @type {Record<string, string>} */
export const stepClasses = {
  committed: "mongo",
  seen: "watch",
  cache: "cache",
  jobs: "jobs",
  events: "rooms",
  browser: "here",
  checkpoint: "checkpoint",
  job: "jobs",
};

/**
 * @typedef {object} DiagramProps
 * @property {string} workspace of the page
 * @property {TraceEntry | null} change the one that is shown
 * @property {number} changeCount another number restarts the animation
 * @property {string} socketState of this browser
 * @property {string | undefined} queue the queue of the welcome jobs
 * @property {InstanceStats | undefined} leaseHolder
 * @property {InstanceStats[]} instances
 */

/** @param {DiagramProps} props */
export function diagram({ workspace, change, changeCount, socketState, queue, leaseHolder, instances }) {
  const stepEnds = new Map(change ? timeline(change.trace, change.received).map((s) => [s.name, s.to]) : []);
  const ended = change && jobEnd(change.trace, change.job);
  if (typeof ended === "number") stepEnds.set("job", ended);
  const isElsewhere = Boolean(change?.trace.workspace && change.trace.workspace !== workspace);
  const sum = (/** @type {(s: InstanceStats) => number | undefined} */ f) => instances.reduce((n, s) => n + (f(s) ?? 0), 0);
  /** @type {Record<string, string>} */
  const captions = {
    committed: t.inspect.aCommit,
    seen: leaseHolder ? watcherState(leaseHolder) : t.inspect.noLeaseHolder,
    cache: t.inspect.invalidated(formatCount(sum((s) => s.cache?.forgotten))),
    jobs: t.inspect.waiting(formatCount(sum((s) => s.queues?.find((q) => q.queue === queue)?.pending))),
    events: t.inspect.sockets(sum((s) => s.sockets)),
    browser: isElsewhere ? t.inspect.notHere(change?.trace.workspace ?? "") : t.header.states[socketState]?.[0],
    checkpoint: t.inspect.safe,
    job: change && !change.trace.task ? t.inspect.noJob : "",
  };
  const animation = changeCount ? `animated turn-${changeCount % 2}` : "";
  const stage = (/** @type {StepName} */ name) => {
    const [title, subtitle] = t.inspect.steps[name];
    const end = stepEnds.get(name);
    return html`<div class="stage ${stepClasses[name]} ${animation}" data-stage=${name}>
      <span class="at">${end === undefined ? "–" : name === "committed" ? "0" : `+${formatDuration(end)}`}</span><b>${title}</b
      ><span>${subtitle}</span><small>${instances.length ? captions[name] : "–"}</small>
    </div>`;
  };
  const wire = html`<i class="wire ${changeCount ? `turn-${changeCount % 2}` : ""}" aria-hidden="true"></i>`;
  const caption = change
    ? t.inspect.pathOf(
        `${operationName(change.trace)}: ${change.trace.name || change.trace.id || t.inspect.everything}`,
        timeOfDay(change.trace.committed),
      )
    : t.inspect.path;
  const jobs = queue
    ? html`<a href="/jobs/queues/${encodeURIComponent(queue)}" title=${t.inspect.jobQueue}>${stage("jobs")}</a>`
    : stage("jobs");
  return html`<section class="diagram" aria-label=${t.inspect.path}>
    <p class="which" dir="auto">${caption}</p>
    ${stage("committed")}${wire}${stage("seen")}${wire}${stage("cache")}${wire}
    <div class="fork">
      <div class="lane">${jobs}${wire}${stage("job")}</div>
      <div class="lane">${stage("events")}${wire}${stage("browser")}</div>
    </div>
    ${wire}${stage("checkpoint")}
  </section>`;
}
