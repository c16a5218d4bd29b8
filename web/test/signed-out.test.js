import assert from "node:assert/strict";
import { test } from "node:test";

const listeners = {};
let shown, notice, ledTo;
const root = { hidden: false, remove: () => (shown = false) };
delete globalThis.BroadcastChannel; // an open one would keep the test alive
globalThis.addEventListener = (name, listener) => (listeners[name] = listener);
globalThis.location = { pathname: "/", search: "", replace: (to) => (ledTo = to), reload: () => (ledTo = "reload") };
const page = (globalThis.document = {
  title: "",
  addEventListener: () => {},
  createElement: () => (notice = { setAttribute: () => {}, remove: () => (notice = undefined) }),
  body: { append: () => {} },
});

const { readSession } = await import("../static/assets/js/session.js");
const { watchSession } = await import("../static/assets/js/signed-out.js");
const { t } = await import("../static/assets/js/texts.js");
Object.assign(t, { banner: { unreachable: "away" } });

const answer = (status, body = {}) => (globalThis.fetch = async () => new Response(JSON.stringify(body), { status }));
const person = (id) => ({ auth: "on", user: { id, email: "", name: "", admin: false }, workspaces: [] });
const pause = () => new Promise((resolve) => setImmediate(resolve));
const until = async (condition) => {
  for (let i = 0; i < 1000 && !condition(); i++) await pause();
  assert.ok(condition());
};

test("a page that the browser kept is empty until the server names its person again", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  answer(200, person("1"));
  await readSession();
  page.title = "Ada Lovelace · Grapevine";
  shown = true;
  watchSession({ root });

  for (const away of [() => answer(503), () => (globalThis.fetch = async () => Promise.reject(new TypeError("the connection broke")))]) {
    away();
    listeners.pageshow({ persisted: true });
    for (let i = 0; i < 2; i++) {
      await until(() => notice?.textContent === "away");
      assert.equal(root.hidden, true);
      assert.equal(page.title, "Grapevine");
      notice.textContent = "";
      context.mock.timers.tick(2000);
    }
    answer(200, person("1"));
    await until(() => !root.hidden);
    assert.equal(notice, undefined);
    assert.equal(page.title, "Ada Lovelace · Grapevine");
  }

  answer(401);
  listeners.pageshow({ persisted: true });
  await until(() => ledTo);
  assert.equal(shown, false);
  assert.equal(root.hidden, true);
  assert.match(ledTo, /^\/signin\?ended/);
});
