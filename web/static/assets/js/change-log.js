// The list of changes in the pipeline view, newest first.

import { html } from "../vendor/lit/lit-html.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { changeRow, taskPath } from "./change-row.js";
import { icon } from "./icons.js";
import { formatCount } from "./plural.js";
import { t } from "./texts.js";

const MAX_ENTRIES = 150;
const MAX_REMEMBERED = 2000; // arrivals and job frames that wait for their trace
const TASK_POLL_INTERVAL = 1500;
const MAX_TASK_POLLS = 20;
const FINAL_TASK_STATES = ["completed", "archived", "gone"];

/**
 * Adds to a map and drops its oldest entry if it is full.
 *
 * @template Value
 * @param {Map<string, Value>} map
 * @param {string} key
 * @param {Value} value
 */
function remember(map, key, value) {
  map.set(key, value);
  if (map.size > MAX_REMEMBERED) map.delete(/** @type {string} */ (map.keys().next().value));
}

/**
 * @typedef {object} ChangeLogConfig
 * @property {string} workspace
 * @property {() => string | undefined} queue the queue of the welcome jobs
 * @property {(entry: TraceEntry) => void} onChange a change has come
 * @property {(entry: TraceEntry | null) => void} onFollow the person opened a change, or closed it
 * @property {() => void} requestRender
 */

export class ChangeLog {
  /** The last change. @type {TraceEntry | null} */
  latest = null;

  /** @type {ChangeLogConfig} */
  #config;
  /** What is shown. @type {TraceEntry[]} */
  #entries = [];
  /** What came while the list was paused; null if it is not paused. @type {TraceEntry[] | null} */
  #pausedEntries = null;
  /** @type {Map<string, TraceEntry>} */
  #byPosition = new Map();
  /** When this browser received an event, by position. @type {Map<string, number>} */
  #arrivals = new Map();
  /** The last frame about a job, by task. @type {Map<string, Frame>} */
  #jobs = new Map();
  /** Keys of the entries that are open. @type {Set<string>} */
  #open = new Set();
  /** Show only changes from this source. @type {"" | "api" | "direct"} */
  #source = "";

  /** @param {ChangeLogConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {Trace} trace */
  addTrace(trace) {
    /** @type {TraceEntry} */
    const entry = {
      key: `${trace.position} ${trace.id ?? ""}`,
      trace,
      received: this.#arrivals.get(trace.position),
      job: trace.task ? this.#jobs.get(trace.task) : undefined,
      omitted: this.latest ? (trace.sampledOut ?? 0) : 0, // before the first one there were others, but none that the person missed
    };
    this.#byPosition.set(trace.position, entry);
    const list = this.#pausedEntries ?? this.#entries;
    list.unshift(entry);
    this.#forget(list.splice(MAX_ENTRIES));
    this.latest = entry;
    this.#config.onChange(entry);
    this.#config.requestRender();
  }

  /**
   * @param {Position} position
   * @param {number} at when this browser received the event, on the server's clock
   */
  addArrival(position, at) {
    remember(this.#arrivals, position, at);
    const entry = this.#byPosition.get(position);
    if (entry) entry.received ??= at;
    this.#config.requestRender();
  }

  /** @param {Frame} frame */
  addJob(frame) {
    remember(this.#jobs, frame.task, frame);
    for (const entry of [...this.#entries, ...(this.#pausedEntries ?? [])]) if (entry.trace.task === frame.task) entry.job = frame;
    this.#config.requestRender();
  }

  togglePause() {
    if (this.#pausedEntries) {
      this.#entries = [...this.#pausedEntries, ...this.#entries];
      this.#pausedEntries = null;
      this.#forget(this.#entries.splice(MAX_ENTRIES));
    } else this.#pausedEntries = [];
    this.#config.requestRender();
  }

  #clear() {
    this.#forget(this.#entries.splice(0));
    this.#config.requestRender();
  }

  /** @param {TraceEntry[]} entries that are no longer shown */
  #forget(entries) {
    const { size } = this.#open;
    for (const { key, trace } of entries) {
      this.#byPosition.delete(trace.position);
      this.#open.delete(key);
    }
    if (this.#open.size < size) this.#follow();
  }

  /** Follows the entry that was opened last and is still open, or none. */
  #follow() {
    const last = [...this.#open].at(-1);
    this.#config.onFollow(this.#entries.find(({ key }) => key === last) ?? null);
  }

  /** @param {TraceEntry} entry */
  #toggle(entry) {
    const opens = !this.#open.delete(entry.key);
    if (opens) {
      this.#open.add(entry.key);
      this.#pollTask(entry);
    }
    this.#follow();
    this.#config.requestRender();
  }

  /**
   * Asks asynqmon for the state of an open entry's job until it is final. The job frames of the socket are
   * not enough: the server does not send all of them.
   *
   * @param {TraceEntry} entry
   */
  async #pollTask(entry, polls = 0) {
    const queue = this.#config.queue();
    const { task } = entry.trace;
    if (!queue || !task || entry.job || !this.#open.has(entry.key) || polls > MAX_TASK_POLLS) return;
    entry.taskState = await readTaskState(queue, task);
    this.#config.requestRender();
    if (!FINAL_TASK_STATES.includes(entry.taskState)) setTimeout(() => this.#pollTask(entry, polls + 1), TASK_POLL_INTERVAL);
  }

  /** @param {unknown} placeholder is shown while there are no changes */
  render(placeholder) {
    const shown = this.#source ? this.#entries.filter((e) => e.trace.source === this.#source) : this.#entries;
    const row = (/** @type {TraceEntry} */ entry) =>
      changeRow({
        entry,
        open: this.#open.has(entry.key),
        workspace: this.#config.workspace,
        queue: this.#config.queue(),
        onToggle: () => this.#toggle(entry),
      });
    return html`<section class="card changes" aria-labelledby="changes-title">
      ${this.#head()}
      ${
        shown.length
          ? html`<ol class="trace-list" tabindex="0" aria-label=${t.inspect.newestFirst}>
              ${repeat(shown, (entry) => entry.key, row)}
            </ol>`
          : placeholder
      }
    </section>`;
  }

  #head() {
    const newCount = this.#pausedEntries?.length ?? 0;
    /**
     * @param {"" | "api" | "direct"} source
     * @param {string} text
     */
    const choice = (source, text) =>
      html`<label class=${this.#source === source ? "on" : ""}
        ><input
          type="radio"
          name="source"
          .checked=${this.#source === source}
          @change=${() => {
            this.#source = source;
            this.#config.requestRender();
          }}
        />${text}</label
      >`;
    return html`<div class="changes-head">
      <h2 id="changes-title">${t.inspect.changes}</h2>
      <fieldset class="segments">
        <legend class="offscreen">${t.inspect.source}</legend>
        ${choice("", t.inspect.sources.all)}${choice("api", t.inspect.sources.api)}${choice("direct", t.inspect.sources.direct)}
      </fieldset>
      <div class="spring"></div>
      ${this.#entries.length ? html`<button type="button" class="quiet wide" @click=${() => this.#clear()}>${t.toolbar.clear}</button>` : ""}
      <button type="button" aria-pressed=${Boolean(this.#pausedEntries)} @click=${() => this.togglePause()} title="P">
        ${icon(this.#pausedEntries ? "play" : "pause")}${this.#pausedEntries ? (newCount ? t.inspect.continueNew(formatCount(newCount)) : t.inspect.continue) : t.inspect.pause}
      </button>
    </div>`;
  }
}

/**
 * @param {string} queue
 * @param {string} task
 * @returns {Promise<string>} empty if asynqmon did not answer
 */
async function readTaskState(queue, task) {
  try {
    const response = await fetch(`/jobs/api${taskPath(queue, task)}`);
    if (response.status === 404) return "gone";
    return response.ok ? (await response.json()).state : "";
  } catch {
    return "";
  }
}
