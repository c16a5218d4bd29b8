/**
 * The address of ours to which a parameter leads; the list for any other.
 *
 * @param {string | null} next
 */
export function ownAddress(next, origin = location.origin) {
  if (!next?.startsWith("/")) return "/";
  try {
    const url = new URL(next, origin);
    return url.origin === origin ? url.href : "/"; // the whole address: a path may begin with two slashes
  } catch {
    return "/";
  }
}
