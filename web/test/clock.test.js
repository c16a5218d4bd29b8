import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerClock } from "../static/assets/js/clock.js";

test("the fastest answer decides the offset of the server's clock", async () => {
  let here = 1000;
  const delays = [
    [400, 20], // of request and answer, in milliseconds
    [3, 5],
    [90, 10],
  ];
  const clock = new ServerClock(
    () => {
      const [request, answer] = delays.shift();
      here += request;
      const serverTime = here - 7000; // seven seconds behind
      here += answer;
      return serverTime;
    },
    () => here,
  );
  await clock.synchronize(3);
  assert.equal(clock.offset, -7001);
  assert.equal(clock.serverTime(9000), 1999);
});

test("an answer without a time changes nothing", async () => {
  const clock = new ServerClock(() => NaN);
  await clock.synchronize(2);
  assert.deepEqual([clock.offset, clock.known], [0, false]);
});

test("a difference that the travel time of the answer can explain is ignored", async () => {
  let here = 1000;
  const clock = new ServerClock(
    () => {
      const serverTime = (here += 10); // all of it before the server answers
      return serverTime;
    },
    () => here,
  );
  await clock.synchronize(3);
  assert.deepEqual([clock.offset, clock.known], [0, true]);
});
