import assert from "node:assert/strict";
import { test } from "node:test";
import { clocksDisagree, textDiff, timeline, totalTime, valueText } from "../static/assets/js/trace.js";

const committed = "2026-11-23T00:00:00.000Z";
const trace = { committed, seenUs: 1000, cacheUs: 200, jobsUs: 900, eventsUs: 500, checkpointUs: 1100 };

test("each step begins when the step before it ended; jobs and events run in parallel", () => {
  const line = Object.fromEntries(timeline(trace, Date.parse(committed) + 4).map((s) => [s.name, [s.from, s.to]]));
  assert.deepEqual(line, {
    committed: [0, 0],
    seen: [0, 1000],
    cache: [1000, 1200],
    jobs: [1200, 1900],
    events: [1200, 1500],
    browser: [1500, 4000],
    checkpoint: [1900, 2100],
  });
  assert.equal(totalTime(timeline(trace, Date.parse(committed) + 4)), 4000);
});

test("clocks that disagree never make a negative time", () => {
  const line = timeline({ ...trace, seenUs: -3000 }, Date.parse(committed) - 50);
  assert.ok(line.every((s) => s.from >= 0 && s.to >= s.from));
  assert.ok(clocksDisagree({ seenUs: -3000 }) && !clocksDisagree(trace));
});

test("steps that are not known are left out", () => {
  assert.deepEqual(
    timeline({ committed }).map((s) => s.name),
    ["committed", "seen"],
  );
});

test("textDiff keeps whole words, and its parts make up both texts", () => {
  const d = textDiff("the quick brown fox", "the slow brown fox");
  assert.deepEqual(d, { head: "the ", before: "quick ", after: "slow ", tail: "brown fox" });
  for (const [a, b] of [
    ["", "x"],
    ["aaa", "aa"],
    ["a a a", "a a"],
    ["same", "same"],
  ]) {
    const { head, before, after, tail } = textDiff(a, b);
    assert.equal(head + before + tail, a);
    assert.equal(head + after + tail, b);
  }
});

test("values of any type become text", () => {
  assert.equal(valueText(["a", "b"]), "a, b");
  assert.equal(valueText([{ city: "x" }]), '[{"city":"x"}]');
  assert.equal(valueText(null), "");
  assert.equal(valueText("x".repeat(1000), 40).length, 43);
});
