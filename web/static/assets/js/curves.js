// Lag and rate over the last minutes, drawn by uPlot (a classic script that only /inspect loads).

import { clock } from "./times.js";

const SPAN = 300; // seconds kept

export class Curves {
  constructor() {
    this.data = [[], [], []]; // time in s, lag in ms, changes per second
    addEventListener("themechange", () => this.#rebuild());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#rebuild());
  }

  /** lag is null while it is not known: the line has a hole there, not a zero. */
  add(ms, lag, rate) {
    const at = ms / 1000;
    const [times] = this.data;
    if (times.length && at <= times.at(-1)) return;
    // Seconds without a word are a hole too.
    if (times.length && at - times.at(-1) > 3) this.#push(times.at(-1) + 1, null, null);
    this.#push(at, lag, rate);
    while (times.length && times[0] < at - SPAN) for (const series of this.data) series.shift();
    this.#draw();
  }

  /** Draws into the two elements, once they are in the document. */
  mount(lag, rate) {
    if (this.elements?.[0] === lag) return;
    this.elements = [lag, rate];
    this.#rebuild();
    new ResizeObserver(() => this.plots?.forEach((p, i) => p.setSize({ width: this.elements[i].clientWidth, height: 132 }))).observe(lag);
  }

  #push(...values) {
    values.forEach((v, i) => this.data[i].push(v));
  }

  #rebuild() {
    if (!this.elements || !window.uPlot) return;
    this.plots?.forEach((p) => p.destroy());
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => {
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
    const make = (element, series, stroke, unit, least) => {
      const format = (v) =>
        v === null || v === undefined ? "" : `${v >= 10 || Number.isInteger(v) ? Math.round(v) : v.toFixed(1)}${unit}`;
      return new uPlot(
        {
          width: element.clientWidth,
          height: 132,
          padding: [8, 26, 0, 0],
          legend: { show: false },
          cursor: { y: false, points: { size: 6 } },
          scales: {
            x: { time: true, range: (_, min, max) => [Math.max(min, max - SPAN), Math.max(max, min + 20)] },
            y: { range: (_, __, max) => [0, Math.max(least, (max ?? 0) * 1.15)] },
          },
          axes: [
            {
              ...axis,
              space: 80,
              size: 24,
              grid: { show: false },
              values: (_, list) => list.map((t) => clock(t * 1000)),
            },
            { ...axis, size: 50, space: 26, values: (_, list) => list.map(format) },
          ],
          series: [
            {},
            {
              stroke,
              width: 1.8,
              fill: stroke.replace(/^rgb\((.*)\)$/, "rgba($1, .13)"),
              points: { show: false },
              value: (_, v) => format(v),
            },
          ],
        },
        [this.data[0], series],
        element,
      );
    };
    this.plots = [make(this.elements[0], this.data[1], accent, " ms", 10), make(this.elements[1], this.data[2], mongo, "", 5)];
  }

  #draw() {
    this.plots?.[0].setData([this.data[0], this.data[1]]);
    this.plots?.[1].setData([this.data[0], this.data[2]]);
  }
}
