// Who is signed in here, and what that person may do. With AUTH=off everybody may do everything, and nothing of sign-in is shown.

const READ_TIMEOUT = 8000;
const WAIT_FOR_PAINT = 1500; // the page shows itself without the answer then, for reading only
const RETRY_DELAY = 2000;

/** @typedef {(typeof roles)[number]} Role */

/** The roles in a workspace, the lowest first. Each includes the ones before it. */
export const roles = /** @type {const} */ (["viewer", "editor", "admin"]);

/**
 * The answer of GET /session.
 *
 * @typedef {object} Session
 * @property {"on" | "off"} [auth]
 * @property {{id: string, email: string, name: string, admin: boolean} | null} user
 * @property {{id: string, role: Role}[]} workspaces
 * @property {boolean} [oidc] single sign-on is offered; for nobody, too
 */

/** Undefined until the server answered. @type {Session | undefined} */
let session;

/** The person; null with AUTH=off, and until the server answered. */
export const currentUser = () => session?.user ?? null;

export const isKnown = () => Boolean(session);

let provider = false;

/** Whether single sign-on is offered. */
export const usesProvider = () => provider;

export const isAuthOff = () => session?.auth === "off";

/** The workspaces of the person, in order of their names. */
export const myWorkspaces = () => (session?.workspaces ?? []).map(({ id }) => id).sort();

/** Users, jobs and the pipeline are for the admins of the instance. */
export const isInstanceAdmin = () => isAuthOff() || Boolean(session?.user?.admin);

/** The role of the person in a workspace. @param {string} workspace @returns {Role | undefined} */
export const roleIn = (workspace) => (isInstanceAdmin() ? "admin" : session?.workspaces.find(({ id }) => id === workspace)?.role);

/**
 * Whether the person has at least a role in a workspace.
 *
 * @param {Role} role
 * @param {string} workspace
 */
export function may(role, workspace) {
  const mine = roleIn(workspace);
  return mine !== undefined && roles.indexOf(mine) >= roles.indexOf(role);
}

/**
 * Reads the session.
 *
 * @returns {Promise<"in" | "out" | "unknown">} out: the server says that nobody is signed in. unknown: it did not answer, so what
 *   was known before still holds
 */
export async function readSession() {
  try {
    const response = await fetch("/session", { cache: "no-store", signal: AbortSignal.timeout(READ_TIMEOUT) });
    // An instance of an earlier version has no sign-in.
    const body = response.status === 404 ? { auth: "off", user: null } : await response.json();
    provider = Boolean(body.oidc);
    if (response.status === 401) return "out";
    if (!response.ok && response.status !== 404) return "unknown";
    session = { workspaces: [], ...body };
    return session?.user || isAuthOff() ? "in" : "out";
  } catch {
    return "unknown";
  }
}

/**
 * Reads the session before the page shows itself. Nobody is led to the page for signing in, and then the promise stays open.
 *
 * @param {() => void} [onLate] the answer came after the page had shown itself
 * @returns {Promise<void>}
 */
export function loadSession(onLate) {
  return new Promise((resolve) => {
    let shown = false;
    const show = () => {
      shown = true;
      nameWorkspace();
      resolve();
    };
    const timer = setTimeout(show, WAIT_FOR_PAINT);
    const read = async () => {
      const state = await readSession();
      if (state === "unknown") setTimeout(read, RETRY_DELAY);
      else if (state === "out") {
        clearTimeout(timer);
        location.replace(`/signin?${new URLSearchParams({ next: location.pathname + location.search })}`);
      } else if (shown) onLate?.();
      else {
        clearTimeout(timer);
        show();
      }
    };
    read();
  });
}

/** Puts a workspace of the person into an address that names none. */
function nameWorkspace() {
  const url = new URL(location.href);
  const [first] = myWorkspaces();
  if (url.searchParams.has("workspace") || !first || may("viewer", "default")) return;
  url.searchParams.set("workspace", first);
  history.replaceState(history.state, "", url);
}

/** @type {BroadcastChannel | undefined} */
let channel;

/** The pages of this browser, if it can tell them something. */
function otherPages() {
  if ("BroadcastChannel" in globalThis) channel ??= new BroadcastChannel("grapevine.session");
  return channel;
}

/** Tells the other pages of this browser who is signed in now. @param {string} user the id; empty: nobody */
export const tellOthers = (user) => otherPages()?.postMessage(user);

/** @param {(user: string) => void} listener hears of other pages who is signed in now */
export const onTold = (listener) => otherPages()?.addEventListener("message", ({ data }) => listener(String(data)));
