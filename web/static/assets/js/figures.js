// The pipeline in figures, and its instances one by one.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { bytes, clock, count, duration, plural } from "./times.js";

/** The figures of all instances that were heard of lately; holder is the one with the lease, if any. */
export function figures(holder, alive) {
  const sum = (f) => alive.reduce((n, s) => n + (f(s) ?? 0), 0);
  const hits = sum((s) => s.cache?.hits);
  const reads = hits + sum((s) => s.cache?.misses) + sum((s) => s.cache?.bypassed);
  const queues = alive.find((s) => s.queues?.length)?.queues ?? [];
  const q = (name) => queues.reduce((n, x) => n + (x[name] ?? 0), 0);
  const windowLeft = holder?.oplogWindowLeft;
  const gaps = holder?.gaps ?? Math.max(0, ...alive.map((s) => s.gaps ?? 0));
  const figure = (value, text, tone = "", title = nothing) =>
    html`<div class="figure ${tone}" title=${title}><b>${alive.length ? value : "–"}</b><span>${text}</span></div>`;
  const lag = holder?.lagMs;
  return html`<section class="figures" aria-label="Figures">
    ${figure(lag === null || lag === undefined ? "–" : duration(lag * 1000), "lag, end to end", lag > 5000 ? "bad" : "", "From the heartbeat's commit in MongoDB until its effects were done")}
    ${figure(holder?.rate === undefined ? "–" : count(Math.round(holder.rate)), "changes a second")}
    ${figure(reads ? `${((hits / reads) * 100).toFixed(reads > 999 ? 1 : 0)} %` : "–", reads ? `cache hits of ${count(reads)}` : "cache hits")}
    ${figure(`${count(q("pending"))} · ${count(q("active"))}`, "jobs waiting · running")}
    ${figure(`${count(q("retry"))} · ${count(q("archived"))}`, "to retry · given up", q("archived") ? "warn" : "")}
    ${figure(count(sum((s) => s.sockets)), "sockets")}
    ${figure(windowLeft === null || windowLeft === undefined ? "–" : `${Math.round(windowLeft * 100)} %`, "of the oplog left", windowLeft < 0.25 ? "warn" : "", "How far the checkpoint is from the end of MongoDB's memory")}
    ${figure(`${count(gaps)} · ${count(Math.max(0, ...alive.map((s) => s.dead ?? 0)))}`, "gaps · dead changes", gaps ? "warn" : "", "Stretches of history that were lost and reconciled (grapevine gaps lists them); changes that can never be applied")}
  </section>`;
}

/** heard: when the last figures came, in milliseconds since 1970; 0 for not yet. */
export function instanceList(alive, heard) {
  if (!alive.length)
    return html`<section class="card">
      <h2>Instances</h2>
      <p class="none">${heard ? `No figures since ${clock(heard)}.` : "Waiting for the first figures…"}</p>
    </section>`;
  return html`<section class="card instances" aria-labelledby="instances-title">
    <h2 id="instances-title">Instances</h2>
    ${alive.map(
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
            ${s.watermark ? html`<code>${s.watermark}</code>` : "–"}${s.watermarkAgeMs === null || s.watermarkAgeMs === undefined ? "" : `, ${duration(s.watermarkAgeMs * 1000)} old`}
          </dd>
          <dt>History</dt>
          <dd>${s.history ? `${plural(s.history.entries, "entry", "entries")}, ${bytes(s.history.bytes)}` : "–"}</dd>
          <dt>Rooms</dt>
          <dd>${count(s.rooms ?? 0)} with ${plural(s.sockets ?? 0, "socket")}</dd>
        </dl>`,
    )}
  </section>`;
}
