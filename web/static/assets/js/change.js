// One change in the pipeline window: a row, and opened its steps, its difference and its job.

import { html } from "../vendor/lit/lit-html.js";
import { tones } from "./diagram.js";
import { icon } from "./icons.js";
import { label } from "./merge.js";
import { clock, count, duration, full, plural } from "./times.js";
import { difference, skewed, steps, textOf, timeline, total } from "./trace.js";

/** The path of a task in asynqmon, below its root. */
export const taskPath = (task) => `/queues/default/tasks/${encodeURIComponent(task)}`;

/** What to call a change, by its op. */
export const opNames = { created: "Created", updated: "Updated", deleted: "Deleted", resync: "Resync" };

const states = {
  completed: ["ok", "done"],
  archived: ["bad", "given up"],
  retry: ["warn", "to be tried again"],
  active: ["wait", "running"],
  pending: ["wait", "waiting"],
  scheduled: ["wait", "scheduled"],
  gone: ["", "no longer kept"],
};

/** One change of the list; app: {workspace, source, opened, toggle(entry)}. */
export function changeRow(app, e) {
  const { trace } = e;
  const line = timeline(trace, e.received);
  const all = total(line);
  const open = app.opened.has(e.key);
  const fields = Object.entries(trace.changed ?? {});
  const [name, pair] = trace.op === "updated" ? (fields[0] ?? []) : [];
  return html`<li class="trace ${trace.op} ${open ? "open" : ""}">
    <button type="button" class="trace-row" aria-expanded=${open} @click=${() => app.toggle(e)}>
      <time datetime=${trace.committed} title=${full(trace.committed)}>${clock(trace.committed)}</time>
      <span class="op ${trace.op}">${opNames[trace.op] ?? trace.op}</span>
      <span class="who"
        ><b><bdi>${trace.name || trace.id || "everything"}</bdi></b
        >${trace.workspace && trace.workspace !== app.workspace ? html` <small>${trace.workspace}</small>` : ""}
        ${name ? html`<small class="what">${label(name)}${fields.length > 1 ? ` and ${plural(fields.length - 1, "more field")}` : html`: <del>${textOf(pair[0], 40)}</del> <ins>${textOf(pair[1], 40)}</ins>`}</small>` : ""}</span
      >
      ${trace.source ? html`<span class="source ${trace.source}">${icon(trace.source === "direct" ? "leaf" : "bolt")}${trace.source === "direct" ? "MongoDB" : "API"}</span>` : html`<span></span>`}
      <span class="mini" aria-hidden="true"
        >${line.filter((s) => s.to > s.from).map((s) => html`<i class=${tones[s.name]} .style=${`left:${(s.from / all) * 100}%;width:${Math.max(1.2, ((s.to - s.from) / all) * 100)}%`}></i>`)}</span
      >
      <span class="sum">${duration(all)}</span>
    </button>
    ${open ? detail(app, e, line, all) : ""}
    ${e.left ? html`<p class="left-out">${plural(e.left, "change")} between this and the one before ${e.left === 1 ? "is" : "are"} not shown: too many at once.</p>` : ""}
  </li>`;
}

function detail(app, e, line, all) {
  const { trace } = e;
  const titles = new Map(steps.map(([n, a, b]) => [n, `${a} ${b}`]));
  const fields = Object.entries(trace.changed ?? {});
  const diff = ([name, [before, after]]) => {
    const d = difference(textOf(before), textOf(after));
    return html`<dt>${label(name)}</dt>
      <dd class="diff">
        ${
          before === null || textOf(before) === ""
            ? html`<ins>${textOf(after)}</ins>`
            : textOf(after) === ""
              ? html`<del>${textOf(before)}</del>`
              : html`<div><span>${d.head}</span><del>${d.before}</del><span>${d.tail}</span></div>
                  <div><span>${d.head}</span><ins>${d.after}</ins><span>${d.tail}</span></div>`
        }
      </dd>`;
  };
  const task = trace.task && `/jobs${taskPath(trace.task)}`;
  const [tone, state] = states[e.state] ?? ["wait", "waiting"];
  const job =
    e.job &&
    (e.job.event === "job:completed"
      ? html`<span class="badge ok">done${e.job.attempt > 1 ? `, attempt ${e.job.attempt}` : ""}</span>`
      : html`<span class="badge bad">failed, attempt ${e.job.attempt}${e.job.archived ? ", archived" : ""}</span> ${e.job.error ?? ""}`);
  return html`<div class="detail">
    <ol class="waterfall" aria-label="Time of each step since the commit">
      ${line.map(
        (s) =>
          html`<li>
            <span class="step">${titles.get(s.name)}</span
            ><span class="lane"
              ><i
                class=${tones[s.name]}
                .style=${`left:${all ? (s.from / all) * 100 : 0}%;width:${all ? Math.max(0.7, ((s.to - s.from) / all) * 100) : 1}%`}
              ></i></span
            ><span class="t">${s.name === "committed" ? clock(trace.committed, 3) : `+${duration(s.to)}`}</span>
          </li>`,
      )}
    </ol>
    ${skewed(trace) ? html`<p class="note">The watcher's clock is ${duration(-trace.seenUs)} behind MongoDB's; “seen” is shown as 0.</p>` : ""}
    ${line.some((s) => s.name === "browser") ? "" : html`<p class="note">This browser is in the workspace “${app.workspace}” and was not sent this one.</p>`}
    ${fields.length ? html`<dl class="diffs">${fields.map(diff)}</dl>` : trace.op === "updated" ? html`<p class="note">No field of the contact changed but its bookkeeping.</p>` : ""}
    <p class="links">
      ${trace.batch > 1 ? html`<span>In a batch of ${count(trace.batch)}</span>` : ""}<span>Position <code>${trace.position}</code></span>
      ${trace.id ? html`<a href="/?${new URLSearchParams({ ...(trace.workspace === "default" ? {} : { workspace: trace.workspace }), contact: trace.id })}">${icon("person")}Open the contact</a>` : ""}
      ${task ? html`<a href=${task} target="_blank" rel="noopener">${icon("external")}Its job in asynqmon</a> ${job ?? html`<span class="badge ${tone}">${state}</span>`}` : ""}
    </p>
  </div>`;
}
