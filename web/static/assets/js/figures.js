// The key figures of the pipeline, and the list of its instances.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { formatBytes, formatCount, formatDuration, plural, timeOfDay } from "./format.js";

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
  const lag = leaseHolder?.lagMs;
  return html`<section class="figures" aria-label="Figures">
    ${figure(lag === null || lag === undefined ? "–" : formatDuration(lag * 1000), "lag, end to end", Number(lag) > HIGH_LAG ? "bad" : "", "The time from a heartbeat's commit in MongoDB until its effects were done")}
    ${figure(leaseHolder?.rate === undefined ? "–" : formatCount(Math.round(leaseHolder.rate)), "changes a second")}
    ${figure(reads ? `${((hits / reads) * 100).toFixed(reads > 999 ? 1 : 0)} %` : "–", reads ? `cache hits of ${formatCount(reads)}` : "cache hits")}
    ${figure(`${formatCount(tasks("pending"))} · ${formatCount(tasks("active"))}`, "jobs waiting · running")}
    ${figure(`${formatCount(tasks("retry"))} · ${formatCount(tasks("archived"))}`, "to retry · given up", tasks("archived") ? "warn" : "")}
    ${figure(formatCount(sum((s) => s.sockets)), "sockets")}
    ${figure(oplogLeft === null || oplogLeft === undefined ? "–" : `${Math.round(oplogLeft * 100)} %`, "of the oplog left", Number(oplogLeft) < LOW_OPLOG_SHARE ? "warn" : "", "How much of MongoDB's change history is left before the watcher would miss changes")}
    ${figure(`${formatCount(gaps)} · ${formatCount(Math.max(0, ...instances.map((s) => s.dead ?? 0)))}`, "gaps · dead changes", gaps ? "warn" : "", "Gaps: periods whose changes were lost and had to be reconciled (grapevine gaps lists them). Dead changes: changes that can never be applied")}
  </section>`;
}

/**
 * @param {InstanceStats[]} instances
 * @param {number} lastStatsAt when the last figures came, in milliseconds since 1970; 0 if none came yet
 */
export function instanceList(instances, lastStatsAt) {
  if (!instances.length)
    return html`<section class="card">
      <h2>Instances</h2>
      <p class="none">${lastStatsAt ? `No figures since ${timeOfDay(lastStatsAt)}.` : "Waiting for the first figures…"}</p>
    </section>`;
  return html`<section class="card instances" aria-labelledby="instances-title">
    <h2 id="instances-title">Instances</h2>
    ${instances.map(
      (s) =>
        html`<dl>
          <dt>${s.instance}</dt>
          <dd>
            ${s.holder ? html`<span class="badge ok">holds the lease</span>` : html`<span class="badge">standby</span>`}
            ${(s.roles ?? []).join(", ")}
          </dd>
          <dt>Watcher</dt>
          <dd>${s.state ?? "–"}</dd>
          <dt>Watermark</dt>
          <dd>
            ${s.watermark ? html`<code>${s.watermark}</code>` : "–"}${s.watermarkAgeMs === null || s.watermarkAgeMs === undefined ? "" : `, ${formatDuration(s.watermarkAgeMs * 1000)} old`}
          </dd>
          <dt>Event log</dt>
          <dd>${s.history ? `${plural(s.history.entries, "entry", "entries")}, ${formatBytes(s.history.bytes)}` : "–"}</dd>
          <dt>Rooms</dt>
          <dd>${formatCount(s.rooms ?? 0)} with ${plural(s.sockets ?? 0, "socket")}</dd>
        </dl>`,
    )}
  </section>`;
}
