// Two people, one contact: what differs between the version someone began with (base), the one they
// typed (mine) and the one that is now in MongoDB (theirs).

// kind is not here: it is chosen when a contact is made and never edited.
export const fields = [
  ["firstName", "First name"],
  ["lastName", "Last name"],
  ["name", "Name"],
  ["email", "E-mail"],
  ["phone", "Phone"],
  ["company", "Company"],
  ["organizationId", "Organization"],
  ["tags", "Tags"],
  ["addresses", "Addresses"],
  ["notes", "Notes"],
  ["owner", "Owner"],
];

export const label = (name) => fields.find(([n]) => n === name)?.[1] ?? name;

const empty = (v) => v === undefined || v === null || v === "" || (Array.isArray(v) && v.length === 0);

/** Equal as MongoDB would store it: an empty field and an absent one are the same. */
export function same(a, b) {
  if (empty(a) || empty(b)) return empty(a) && empty(b);
  if (typeof a !== "object") return a === b;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => same(v, b[i]));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((k) => same(a[k], b[k]));
}

/** Names of the fields in which two contacts differ. */
export const differences = (a, b) => fields.map(([name]) => name).filter((name) => !same(a[name], b[name]));

/** The JSON merge patch (RFC 7396) that turns base into mine: null removes a field. */
export function mergePatch(base, mine) {
  const patch = {};
  for (const name of differences(base, mine)) patch[name] = empty(mine[name]) ? (Array.isArray(mine[name]) ? [] : null) : mine[name];
  return patch;
}

/**
 * What a person has to look at when theirs is no longer base. Each entry is a field in which mine and
 * theirs differ, with the side that is chosen already: "mine" where only I changed it, "theirs" where
 * only they did, and none where both did — nobody may decide that but the person.
 */
export function conflicts(base, mine, theirs) {
  return differences(mine, theirs).map((name) => {
    const iDid = !same(base[name], mine[name]);
    const theyDid = !same(base[name], theirs[name]);
    return { name, base: base[name], mine: mine[name], theirs: theirs[name], choice: iDid && theyDid ? "" : iDid ? "mine" : "theirs" };
  });
}

/** theirs with the fields taken from mine that were chosen so. */
export function resolve(theirs, list) {
  const out = structuredClone(theirs);
  for (const { name, mine, choice } of list) if (choice === "mine") out[name] = structuredClone(mine);
  return out;
}

/** A draft without blank addresses and tags, and with text trimmed: what is sent. */
export function tidy(draft) {
  const trim = (v) => (typeof v === "string" ? v.trim() : v);
  const out = draft.kind ? { kind: draft.kind } : {};
  for (const [name] of fields) if (draft[name] !== undefined) out[name] = trim(draft[name]);
  out.tags = [...new Set((draft.tags ?? []).map(trim).filter(Boolean))];
  out.addresses = (draft.addresses ?? [])
    .map((a) =>
      Object.fromEntries(
        Object.entries(a)
          .map(([k, v]) => [k, trim(v)])
          .filter(([, v]) => v),
      ),
    )
    .filter((a) => Object.keys(a).length);
  return out;
}
