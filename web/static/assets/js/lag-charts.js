// The charts of lag and rate over the last minutes. uPlot draws them; only /inspect loads it.

import { timeOfDay } from "./format.js";

const SPAN = 300; // seconds shown
const MAX_PAUSE = 3; // seconds without a value that the line still bridges
const HEIGHT = 132;

export class LagCharts {
  /** Times in seconds, lags in milliseconds, changes per second. @type {(number | null)[][]} */
  #data = [[], [], []];
  /** Where the charts are drawn: lag, rate. @type {HTMLElement[]} */
  #elements = [];
  /** @type {InstanceType<typeof uPlot>[]} */
  #plots = [];

  constructor() {
    addEventListener("themechange", () => this.#recreateCharts());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#recreateCharts());
  }

  /**
   * Adds a point. An unknown value is null and leaves a gap in the line.
   *
   * @param {number} ms
   * @param {number | null} lag
   * @param {number | null} rate
   */
  add(ms, lag, rate) {
    const at = ms / 1000;
    const times = this.#data[0];
    const last = times.at(-1);
    if (last && at <= last) return;
    if (last && at - last > MAX_PAUSE) this.#push(last + 1, null, null);
    this.#push(at, lag, rate);
    while ((times[0] ?? at) < at - SPAN) for (const series of this.#data) series.shift();
    this.#draw();
  }

  /**
   * Draws into two elements. It may be called after each rendering.
   *
   * @param {HTMLElement | null} lag
   * @param {HTMLElement | null} rate
   */
  mount(lag, rate) {
    if (!lag || !rate || this.#elements[0] === lag) return;
    this.#elements = [lag, rate];
    this.#recreateCharts();
    const resize = () => this.#plots.forEach((plot, i) => plot.setSize({ width: this.#elements[i].clientWidth, height: HEIGHT }));
    new ResizeObserver(resize).observe(lag);
  }

  /** @param {(number | null)[]} values */
  #push(...values) {
    values.forEach((value, i) => this.#data[i].push(value));
  }

  #recreateCharts() {
    if (!this.#elements.length || !window.uPlot) return;
    for (const plot of this.#plots) plot.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => {
      const probe = document.createElement("i");
      probe.style.color = style.getPropertyValue(name);
      document.body.append(probe);
      const c = getComputedStyle(probe).color;
      probe.remove();
      return c;
    };
    const [line, muted, accent, mongo] = ["--line", "--muted", "--accent", "--mongo"].map(colour);
    const font = "11px system-ui, sans-serif";
    const axis = { stroke: muted, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    /**
     * @param {HTMLElement} element
     * @param {(number | null)[]} series
     * @param {string} stroke
     * @param {string} unit
     * @param {number} minTop the lowest upper end of the scale
     */
    const plot = (element, series, stroke, unit, minTop) => {
      const format = (/** @type {number | null | undefined} */ v) =>
        v === null || v === undefined ? "" : `${v >= 10 || Number.isInteger(v) ? Math.round(v) : v.toFixed(1)}${unit}`;
      return new uPlot(
        {
          width: element.clientWidth,
          height: HEIGHT,
          padding: [8, 26, 0, 0],
          legend: { show: false },
          cursor: { y: false, points: { size: 6 } },
          scales: {
            x: {
              time: true,
              range: (/** @type {unknown} */ _, /** @type {number} */ min, /** @type {number} */ max) => [
                Math.max(min, max - SPAN),
                Math.max(max, min + 20),
              ],
            },
            y: {
              range: (/** @type {unknown} */ _, /** @type {number} */ __, /** @type {number | null} */ max) => [
                0,
                Math.max(minTop, (max ?? 0) * 1.15),
              ],
            },
          },
          axes: [
            {
              ...axis,
              space: 80,
              size: 24,
              grid: { show: false },
              values: (/** @type {unknown} */ _, /** @type {number[]} */ times) => times.map((t) => timeOfDay(t * 1000)),
            },
            { ...axis, size: 50, space: 26, values: (/** @type {unknown} */ _, /** @type {number[]} */ values) => values.map(format) },
          ],
          series: [
            {},
            {
              stroke,
              width: 1.8,
              fill: stroke.replace(/^rgb\((.*)\)$/, "rgba($1, .13)"),
              points: { show: false },
              value: (/** @type {unknown} */ _, /** @type {number} */ v) => format(v),
            },
          ],
        },
        [this.#data[0], series],
        element,
      );
    };
    this.#plots = [plot(this.#elements[0], this.#data[1], accent, " ms", 10), plot(this.#elements[1], this.#data[2], mongo, "", 5)];
  }

  #draw() {
    this.#plots.forEach((plot, i) => plot.setData([this.#data[0], this.#data[i + 1]]));
  }
}
