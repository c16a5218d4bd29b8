// The way of a change, drawn, with the times of the last one.

import { html } from "../vendor/lit/lit-html.js";
import { steps, timeline } from "./trace.js";
import { count, duration } from "./times.js";

/** The colour of each step, by the class that has it. */
export const tones = {
  committed: "mongo",
  seen: "watch",
  cache: "cache",
  jobs: "jobs",
  events: "rooms",
  browser: "here",
  checkpoint: "mark",
};

/** parts: {latest: the last change or null, turn: how many there were, here: state of this browser's socket}. */
export function diagram({ latest, turn, here }, holder, alive) {
  const line = latest ? new Map(timeline(latest.trace, latest.received).map((s) => [s.name, s.to])) : new Map();
  const sum = (f) => alive.reduce((n, s) => n + (f(s) ?? 0), 0);
  const queue = sum((s) => s.queues?.find((q) => q.queue === "default")?.pending);
  const say = {
    committed: html`a commit`,
    seen: holder ? html`${holder.state}` : html`no holder`,
    cache: html`${count(sum((s) => s.cache?.forgotten))} forgotten`,
    jobs: html`${count(queue)} waiting`,
    events: html`${count(sum((s) => s.sockets))} sockets`,
    browser: html`${here}`,
    checkpoint: html`safe to restart`,
  };
  const stage = (name) => {
    const [, title, sub] = steps.find(([n]) => n === name);
    const at = line.get(name);
    return html`<div class="stage ${tones[name]} ${turn ? `beat turn-${turn % 2}` : ""}" data-stage=${name}>
      <span class="at">${at === undefined ? "–" : name === "committed" ? "0" : `+${duration(at)}`}</span><b>${title}</b><span>${sub}</span
      ><small>${alive.length ? say[name] : "–"}</small>
    </div>`;
  };
  const wire = html`<i class="wire ${turn ? `turn-${turn % 2}` : ""}" aria-hidden="true"></i>`;
  return html`<section class="diagram" aria-label="The way of the last change">
    ${stage("committed")}${wire}${stage("seen")}${wire}${stage("cache")}${wire}
    <div class="fork">
      ${stage("jobs")}
      <div class="lane">${stage("events")}${wire}${stage("browser")}</div>
    </div>
    ${wire}${stage("checkpoint")}
  </section>`;
}
