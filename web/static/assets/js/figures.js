// The key figures of the pipeline, and the list of its instances.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { formatBytes, formatDuration, formatPercent, timeOfDay } from "./format.js";
import { formatCount } from "./plural.js";
import { t } from "./texts.js";
import { watcherState } from "./watcher-state.js";

const HIGH_LAG = 5000;
const LOW_OPLOG_SHARE = 0.25;

/**
 * @param {InstanceStats | undefined} leaseHolder
 * @param {InstanceStats[]} instances
 */
export function figures(leaseHolder, instances) {
  const sum = (/** @type {(s: InstanceStats) => number | undefined} */ f) => instances.reduce((n, s) => n + (f(s) ?? 0), 0);
  const hits = sum((s) => s.cache?.hits);
  const reads = hits + sum((s) => s.cache?.misses) + sum((s) => s.cache?.bypassed);
  const queues = instances.find((s) => s.queues?.length)?.queues ?? [];
  const tasks = (/** @type {"pending" | "active" | "retry" | "archived"} */ state) =>
    queues.reduce((n, queue) => n + (queue[state] ?? 0), 0);
  const oplogLeft = leaseHolder?.oplogWindowLeft;
  const gaps = leaseHolder?.gaps ?? Math.max(0, ...instances.map((s) => s.gaps ?? 0));
  /**
   * @param {string} value
   * @param {string} text
   * @param {unknown} [title]
   */
  const figure = (value, text, tone = "", title = nothing) =>
    html`<div class="figure ${tone}" title=${title}><b>${instances.length ? value : "–"}</b><span>${text}</span></div>`;
  const dead = Math.max(0, ...instances.map((s) => s.dead ?? 0));
  const lag = leaseHolder?.lagMs;
  return html`<section class="figures" aria-label=${t.inspect.figures}>
    ${figure(lag === null || lag === undefined ? "–" : formatDuration(lag * 1000), t.inspect.lag, Number(lag) > HIGH_LAG ? "bad" : "", t.inspect.lagTitle)}
    ${figure(leaseHolder?.rate === undefined ? "–" : formatCount(Math.round(leaseHolder.rate)), t.inspect.rate)}
    ${figure(reads ? formatPercent(hits / reads, reads > 999 ? 1 : 0) : "–", reads ? t.inspect.hitsOf(formatCount(reads)) : t.inspect.hits)}
    ${figure(formatCount(tasks("pending")), t.inspect.jobsWaiting)} ${figure(formatCount(tasks("active")), t.inspect.jobsRunning)}
    ${figure(formatCount(tasks("retry")), t.inspect.jobsRetry)}
    ${figure(formatCount(tasks("archived")), t.inspect.jobsGivenUp, tasks("archived") ? "warn" : "")}
    ${figure(formatCount(sum((s) => s.sockets)), t.inspect.socketsTile)}
    ${figure(oplogLeft === null || oplogLeft === undefined ? "–" : formatPercent(oplogLeft, 0), t.inspect.oplogLeft, Number(oplogLeft) < LOW_OPLOG_SHARE ? "warn" : "", t.inspect.oplogTitle)}
    ${figure(formatCount(gaps), t.inspect.gaps, gaps ? "warn" : "", t.inspect.gapsTitle)}
    ${figure(formatCount(dead), t.inspect.dead, dead ? "warn" : "", t.inspect.deadTitle)}
  </section>`;
}

/**
 * @param {InstanceStats[]} instances
 * @param {number} lastStatsAt when the last figures came, in milliseconds since 1970; 0 if none came yet
 */
export function instanceList(instances, lastStatsAt) {
  if (!instances.length)
    return html`<section class="card">
      <h2>${t.inspect.instances}</h2>
      <p class="none">${lastStatsAt ? t.inspect.noFigures(timeOfDay(lastStatsAt)) : t.inspect.firstFigures}</p>
    </section>`;
  return html`<section class="card instances" aria-labelledby="instances-title">
    <h2 id="instances-title">${t.inspect.instances}</h2>
    ${instances.map(
      (s) =>
        html`<dl>
          <dt>${s.instance}</dt>
          <dd>
            ${s.holder ? html`<span class="badge ok">${t.inspect.holdsLease}</span>` : html`<span class="badge">${t.inspect.standby}</span>`}
            ${(s.roles ?? []).join(", ")}
          </dd>
          <dt>${t.inspect.watcher}</dt>
          <dd>${watcherState(s) || "–"}</dd>
          <dt>${t.inspect.watermark}</dt>
          <dd>
            ${s.watermark ? html`<code>${s.watermark}</code>` : "–"}${s.watermarkAgeMs === null || s.watermarkAgeMs === undefined ? "" : `, ${t.inspect.old(formatDuration(s.watermarkAgeMs * 1000))}`}
          </dd>
          <dt>${t.inspect.eventLog}</dt>
          <dd>${s.history ? `${t.inspect.entries(s.history.entries)}, ${formatBytes(s.history.bytes)}` : "–"}</dd>
          <dt>${t.inspect.rooms}</dt>
          <dd>${t.inspect.roomsWith(formatCount(s.rooms ?? 0), s.sockets ?? 0)}</dd>
        </dl>`,
    )}
  </section>`;
}
