// The end of a session: the page keeps nothing of the person, and leads to the page for signing in.

import { currentUser, isAuthOff, onTold, readSession, tellOthers } from "./session.js";
import { keepPlace } from "./kept.js";
import { t } from "./texts.js";

const RETRY_DELAY = 2000;

/**
 * @typedef {object} Watched
 * @property {HTMLElement} root of the page
 * @property {(user: string) => boolean} [keep] keeps what was typed for its writer, whose id it gets; true: there was something
 * @property {() => void} [forget] stops everything that would show or send more
 * @property {() => void} [onChange] the rights of the person may have changed
 */

/** @type {Watched} */
let watched;
let left = false;
/** @type {ReturnType<typeof readSession> | undefined} */
let checking;

/**
 * Watches whether the person stays signed in: requests that are refused, other pages of this browser, and the way back to a page
 * that the browser kept.
 *
 * @param {Watched} page
 */
export function watchSession(page) {
  watched = page;
  onTold((user) => user !== (currentUser()?.id ?? "") && currentUser() && leave(Boolean(user)));
  addEventListener("refused", () => checkSession());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && checkSession());
  addEventListener("pageshow", (e) => {
    if (!e.persisted || isAuthOff()) return;
    left ||= !currentUser() || Boolean(page.root.hidden); // it was kept before anybody knew whose it is
    if (left) location.reload();
    else showAgain(page.root);
  });
}

/**
 * Shows a page that the browser kept once the server says that its person is still signed in: somebody else may be looking.
 *
 * @param {HTMLElement} root
 */
async function showAgain(root) {
  const { title } = document;
  const notice = document.createElement("p");
  notice.setAttribute("role", "status");
  root.hidden = true;
  document.title = "Grapevine";
  document.body.append(notice);
  checking = undefined; // an answer of before says nothing about now
  while ((await checkSession()) === "unknown") {
    notice.textContent = t.banner.unreachable;
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
  }
  notice.remove();
  if (left) return;
  document.title = title;
  root.hidden = false;
}

/** Asks the server who is signed in, and leaves the page if it is nobody, or somebody else. Returns what it said. */
export async function checkSession() {
  const before = currentUser();
  if (!before || left) return;
  checking ??= readSession().then((state) => {
    checking = undefined;
    if (state === "out" || (state === "in" && currentUser()?.id !== before.id)) leave(state === "in", before);
    else if (state === "in") watched.onChange?.();
    return state;
  });
  return checking;
}

/**
 * Empties the page and goes to the page for signing in, which leads on if somebody else is signed in.
 *
 * @param {boolean} replaced somebody else is signed in here now
 */
function leave(replaced, user = currentUser(), deliberately = false) {
  if (left) return;
  left = true;
  const kept = Boolean(user && watched.keep?.(user.id));
  if (user && !deliberately) keepPlace(user.id);
  watched.forget?.();
  watched.root.remove();
  document.title = "Grapevine";
  location.replace(replaced ? "/" : `/signin?ended${kept ? "=kept" : ""}`);
}

/**
 * Signs out. Rejects if the server cannot be asked: then the person stays signed in.
 *
 * @param {import("./http.js").Api} api
 */
export async function signOut(api) {
  /** @type {Promise<unknown>[]} */
  const unsent = [];
  dispatchEvent(new CustomEvent("signingout", { detail: unsent })); // what still waits is sent while it may be
  await Promise.allSettled(unsent);
  await api.request("DELETE", "/session").catch((e) => {
    if (e.status !== 401) throw e;
  });
  tellOthers("");
  leave(false, currentUser(), true);
}
