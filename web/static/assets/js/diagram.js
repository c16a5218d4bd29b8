// The diagram of the pipeline, with the times of the last change.

import { html } from "../vendor/lit/lit-html.js";
import { t } from "./texts.js";
import { timeline } from "./trace.js";
import { formatDuration } from "./format.js";
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
};

/**
 * @typedef {object} DiagramProps
 * @property {TraceEntry | null} latest the last change
 * @property {number} changeCount how many changes there were; a new number restarts the animation
 * @property {string} socketState of this browser
 * @property {string | undefined} queue the queue of the welcome jobs
 * @property {InstanceStats | undefined} leaseHolder
 * @property {InstanceStats[]} instances
 */

/** @param {DiagramProps} props */
export function diagram({ latest, changeCount, socketState, queue, leaseHolder, instances }) {
  const stepEnds = new Map(latest ? timeline(latest.trace, latest.received).map((s) => [s.name, s.to]) : []);
  const sum = (/** @type {(s: InstanceStats) => number | undefined} */ f) => instances.reduce((n, s) => n + (f(s) ?? 0), 0);
  /** @type {Record<string, string>} */
  const captions = {
    committed: t.inspect.aCommit,
    seen: leaseHolder ? (leaseHolder.state ?? "") : t.inspect.noLeaseHolder,
    cache: t.inspect.invalidated(formatCount(sum((s) => s.cache?.forgotten))),
    jobs: t.inspect.waiting(formatCount(sum((s) => s.queues?.find((q) => q.queue === queue)?.pending))),
    events: t.inspect.sockets(sum((s) => s.sockets)),
    browser: socketState,
    checkpoint: t.inspect.safe,
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
  return html`<section class="diagram" aria-label=${t.inspect.path}>
    ${stage("committed")}${wire}${stage("seen")}${wire}${stage("cache")}${wire}
    <div class="fork">
      ${stage("jobs")}
      <div class="lane">${stage("events")}${wire}${stage("browser")}</div>
    </div>
    ${wire}${stage("checkpoint")}
  </section>`;
}
