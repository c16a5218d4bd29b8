// Ready lines to paste: the real address of the database, the real address of this server, a real id.

const quote = (s) => `'${s.replaceAll("'", `'\\''`)}'`;

/** [{title, hint, line}] for mongosh; info is the answer of /inspect/info or null, contact any one or null. */
export function mongoshRecipes(info, contact, workspace) {
  const id = contact ? `ObjectId("${contact.id}")` : null;
  const out = [];
  if (info?.mongoURI)
    out.push({
      title: "Connect",
      line: `mongosh ${quote(info.mongoURI)}`,
      hint: info.mongoURI.includes(`/${info.database}`) ? "" : `then: use ${info.database}`,
    });
  if (id)
    out.push({
      title: `Edit ${contact.fullName || "a contact"}`,
      line: `db.contacts.updateOne({_id: ${id}}, {$set: {notes: "edited in mongosh at " + new Date().toLocaleTimeString()}})`,
    });
  out.push({
    title: "Insert somebody",
    hint: "runs the welcome job too",
    line: `db.contacts.insertOne({workspace: ${JSON.stringify(workspace)}, kind: "person", firstName: "Ada", lastName: "Lovelace", tags: ["from-mongosh"]})`,
  });
  out.push({
    title: "Change many at once",
    line: `db.contacts.updateMany({workspace: ${JSON.stringify(workspace)}, tags: "from-mongosh"}, {$addToSet: {tags: "seen-live"}})`,
  });
  out.push({
    title: "Three in one transaction",
    hint: "one commit, one position, three events",
    line: `s = db.getMongo().startSession(); s.withTransaction(() => { for (const n of ["Uno", "Due", "Tre"]) s.getDatabase(db.getName()).contacts.insertOne({workspace: ${JSON.stringify(workspace)}, kind: "person", firstName: n, tags: ["from-mongosh"]}) })`,
  });
  out.push({
    title: "Delete what you inserted",
    line: `db.contacts.deleteMany({workspace: ${JSON.stringify(workspace)}, tags: "from-mongosh"})`,
  });
  return out;
}

/** The same for curl; origin is this server's. */
export function curlRecipes(origin, contact, workspace) {
  const ws = workspace === "default" ? "" : ` -H 'Workspace: ${workspace}'`;
  const json = (body) => quote(JSON.stringify(body));
  const out = [
    {
      title: "Create a contact",
      line: `curl -si${ws} -H 'Content-Type: application/json' ${origin}/contacts -d ${json({ kind: "person", firstName: "Grace", lastName: "Hopper", tags: ["from-curl"] })}`,
    },
  ];
  if (!contact) return out;
  const url = `${origin}/contacts/${contact.id}`;
  out.push({
    title: `Edit ${contact.fullName || "a contact"}`,
    line: `curl -si${ws} -X PATCH -H 'Content-Type: application/merge-patch+json' ${url} -d ${json({ notes: "edited with curl" })}`,
  });
  out.push({
    title: "Is it cached?",
    hint: "twice: a miss, then a hit; after an edit, a miss again",
    line: `curl -si${ws} ${url} | grep -iE '^(cache-status|position|etag)'`,
  });
  return out;
}
