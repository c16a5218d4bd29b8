// What the person is looking at: it lives in the URL, so that a link, a reload and the back button
// all show the same.

const text = ["q", "prefix", "company", "tag", "kind", "owner"];

/** The view that a URL's query describes. */
export function parseView(search) {
  const p = new URLSearchParams(search);
  const view = {
    workspace: p.get("workspace") || "default",
    page: p.get("view") === "statistics" ? "statistics" : "contacts",
    sort: p.get("sort") || "name",
    contact: p.get("contact") || "",
  };
  for (const name of text) view[name] = p.get(name) || "";
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(view.workspace)) view.workspace = "default";
  if (!/^-?(name|company|createdAt|updatedAt)$/.test(view.sort)) view.sort = "name";
  if (!/^([0-9a-f]{24}|new)$/.test(view.contact)) view.contact = "";
  return view;
}

/** The query of a URL that describes the view; what is at its default is left out. */
export function formatView(view) {
  const p = new URLSearchParams();
  if (view.workspace !== "default") p.set("workspace", view.workspace);
  if (view.page !== "contacts") p.set("view", view.page);
  for (const name of text) if (view[name]) p.set(name, view[name]);
  if (view.sort !== "name") p.set("sort", view.sort);
  if (view.contact) p.set("contact", view.contact);
  const s = p.toString();
  return s ? `?${s}` : "";
}

/** What the server is asked for: the filters, and either the text search or the prefix and the order. */
export function listQuery(view) {
  const p = new URLSearchParams();
  for (const name of ["company", "tag", "kind", "owner"]) if (view[name]) p.set(name, view[name]);
  if (view.q) p.set("q", view.q);
  else {
    if (view.prefix) p.set("prefix", view.prefix);
    p.set("sort", view.sort);
  }
  return p;
}

/** Path and query of the list's request. */
export function listPath(view, limit, after) {
  const p = listQuery(view);
  p.set("limit", limit);
  if (after) p.set("after", after);
  return `${view.q ? "/contacts/search" : "/contacts"}?${p}`;
}

const startsWith = (s, prefix) => (s ?? "").toLowerCase().startsWith(prefix);

/** Whether a contact belongs in the view. Of a text search only the server can say: see Window. */
export function matches(c, view) {
  if (view.company && c.company !== view.company) return false;
  if (view.tag && !c.tags?.includes(view.tag)) return false;
  if (view.kind && c.kind !== view.kind) return false;
  if (view.owner && c.owner !== view.owner) return false;
  if (!view.prefix) return true;
  const prefix = view.prefix.normalize("NFC").toLowerCase();
  return startsWith(c.lastName, prefix) || startsWith(c.firstName, prefix) || startsWith(c.name, prefix);
}

export const filtered = (view) => Boolean(view.q || view.prefix || view.company || view.tag || view.kind || view.owner);
