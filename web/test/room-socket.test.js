import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomSocket, backoff } from "../static/assets/js/room-socket.js";

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

// After some failures Firefox lets a new socket wait for up to a minute. So the page opens one only when the server answers.
test("a socket is opened again only when the server answers over HTTP", async (context) => {
  /** @type {any[]} */
  const sockets = [];
  class FakeSocket {
    static OPEN = 1;
    readyState = 1;
    constructor() {
      sockets.push(this);
    }
    send() {}
    close() {}
  }
  let isUp = false;
  let asked = 0;
  const fakes = {
    WebSocket: FakeSocket,
    location: { protocol: "http:", host: "localhost" },
    document: new EventTarget(),
    addEventListener() {},
    fetch: async () => {
      asked++;
      if (!isUp) throw new TypeError("no connection");
    },
  };
  for (const [name, value] of Object.entries(fakes)) Object.defineProperty(globalThis, name, { value, configurable: true });
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  const socket = new RoomSocket({ path: "/ws", now: Date.now, onEvent() {}, onReread() {}, onState() {} });
  socket.start();
  assert.equal(sockets.length, 1);
  sockets[0].onclose({ code: 1006 });
  for (let i = 0; i < 20; i++) {
    context.mock.timers.tick(10_000);
    await settled();
  }
  assert.equal(sockets.length, 1);
  assert.ok(asked > 10);
  assert.equal(socket.state, "offline");

  isUp = true;
  socket.reconnect(); // “Try now”
  await settled();
  assert.equal(sockets.length, 2);
  socket.stop();
});
