import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../static/assets/js/room-socket.js";

test("backoff grows, is capped and jittered", () => {
  assert.equal(
    backoff(0, () => 0),
    125,
  );
  assert.equal(
    backoff(0, () => 1),
    250,
  );
  assert.equal(
    backoff(50, () => 1),
    10000,
  );
});
