// The secret of a link stands behind # in the address, which no browser sends. It leaves the address bar and the history at once.

const SECRET = /^[\w-]{20,200}$/;

/** Empty if the address has none, such as after a reload. */
export const linkSecret = SECRET.test(location.hash.slice(1)) ? location.hash.slice(1) : "";

if (location.hash) history.replaceState(null, "", location.pathname + location.search);
