import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerClock } from "../static/assets/js/clock.js";

test("the fastest answer decides how far ahead the server's clock is", async () => {
  let here = 1000;
  const ways = [
    [400, 20], // there and back, in milliseconds
    [3, 5],
    [90, 10],
  ];
  const clock = new ServerClock(
    () => {
      const [there, back] = ways.shift();
      here += there;
      const theirs = here - 7000; // seven seconds behind
      here += back;
      return theirs;
    },
    () => here,
  );
  await clock.synchronize(3);
  assert.equal(clock.offset, -7001);
  assert.equal(clock.serverTime(9000), 1999);
});

test("an answer without a time leaves the clock as it was", async () => {
  const clock = new ServerClock(() => NaN);
  await clock.synchronize(2);
  assert.deepEqual([clock.offset, clock.known], [0, false]);
});

test("a difference that the way of the answer may explain is none", async () => {
  let here = 1000;
  const clock = new ServerClock(
    () => {
      const theirs = (here += 10); // all of it on the way there
      return theirs;
    },
    () => here,
  );
  await clock.synchronize(3);
  assert.deepEqual([clock.offset, clock.known], [0, true]);
});
