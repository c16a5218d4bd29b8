// The diagram of the pipeline, with the times of the last change.

import { html } from "../vendor/lit/lit-html.js";
import { steps, timeline } from "./trace.js";
import { formatCount, formatDuration } from "./format.js";

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
    committed: "a commit",
    seen: leaseHolder ? (leaseHolder.state ?? "") : "no lease holder",
    cache: `${formatCount(sum((s) => s.cache?.forgotten))} invalidated`,
    jobs: `${formatCount(sum((s) => s.queues?.find((q) => q.queue === queue)?.pending))} waiting`,
    events: `${formatCount(sum((s) => s.sockets))} sockets`,
    browser: socketState,
    checkpoint: "safe to restart",
  };
  const animation = changeCount ? `animated turn-${changeCount % 2}` : "";
  const stage = (/** @type {string} */ name) => {
    const [, title, subtitle] = steps.find(([n]) => n === name) ?? ["", name, ""];
    const end = stepEnds.get(name);
    return html`<div class="stage ${stepClasses[name]} ${animation}" data-stage=${name}>
      <span class="at">${end === undefined ? "–" : name === "committed" ? "0" : `+${formatDuration(end)}`}</span><b>${title}</b
      ><span>${subtitle}</span><small>${instances.length ? captions[name] : "–"}</small>
    </div>`;
  };
  const wire = html`<i class="wire ${changeCount ? `turn-${changeCount % 2}` : ""}" aria-hidden="true"></i>`;
  return html`<section class="diagram" aria-label="The path of the last change">
    ${stage("committed")}${wire}${stage("seen")}${wire}${stage("cache")}${wire}
    <div class="fork">
      ${stage("jobs")}
      <div class="lane">${stage("events")}${wire}${stage("browser")}</div>
    </div>
    ${wire}${stage("checkpoint")}
  </section>`;
}
