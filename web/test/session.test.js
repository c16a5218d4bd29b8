import assert from "node:assert/strict";
import { test } from "node:test";
import { currentUser, isAuthOff, isInstanceAdmin, may, myWorkspaces, readSession, usesProvider } from "../static/assets/js/session.js";

const answer = (status, body) => (globalThis.fetch = async () => new Response(JSON.stringify(body), { status }));
const person = (admin) => ({ id: "1", email: "ada@example.test", name: "Ada", admin });

test("each role includes the lower ones, in its workspace only", async () => {
  answer(200, {
    auth: "on",
    user: person(false),
    workspaces: [
      { id: "b", role: "editor" },
      { id: "a", role: "viewer" },
    ],
  });
  assert.equal(await readSession(), "in");
  assert.deepEqual(myWorkspaces(), ["a", "b"]);
  assert.deepEqual(
    ["viewer", "editor", "admin"].map((role) => may(role, "b")),
    [true, true, false],
  );
  assert.equal(may("editor", "a"), false);
  assert.equal(may("viewer", "c"), false);
  assert.equal(isInstanceAdmin(), false);
});

test("a server that does not answer changes nothing", async () => {
  globalThis.fetch = async () => Promise.reject(new TypeError("the connection broke"));
  assert.equal(await readSession(), "unknown");
  answer(503, { status: 503 });
  assert.equal(await readSession(), "unknown");
  assert.equal(may("editor", "b"), true);
});

test("nobody is out, and learns of single sign-on", async () => {
  answer(401, { status: 401, oidc: true });
  assert.equal(await readSession(), "out");
  assert.equal(usesProvider(), true);
});

test("an admin of the instance may do everything", async () => {
  answer(200, { auth: "on", user: person(true), workspaces: [] });
  assert.equal(await readSession(), "in");
  assert.equal(may("admin", "any"), true);
});

test("without sign-in everybody may do everything", async () => {
  for (const [status, body] of [
    [200, { auth: "off", user: null, workspaces: [] }],
    [404, { status: 404 }],
  ]) {
    answer(status, body);
    assert.equal(await readSession(), "in");
    assert.equal(isAuthOff() && may("admin", "any") && currentUser() === null, true);
  }
});
