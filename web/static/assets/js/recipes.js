// Commands to paste into a terminal, with the real addresses of database and server and a real id.

/** Quotes a text for a shell. @param {string} text */
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * @param {InstanceInfo | null | undefined} info
 * @param {PartialContact | null | undefined} contact any contact of the workspace
 * @param {string} workspace
 * @returns {Recipe[]}
 */
export function mongoshRecipes(info, contact, workspace) {
  /** @type {Recipe[]} */
  const recipes = [];
  if (info?.mongoURI)
    recipes.push({
      title: "Connect",
      line: `mongosh ${quote(info.mongoURI)}`,
      hint: info.mongoURI.includes(`/${info.database}`) ? "" : `then: use ${info.database}`,
    });
  if (contact)
    recipes.push({
      title: `Edit ${contact.fullName || "a contact"}`,
      line: `db.contacts.updateOne({_id: ObjectId("${contact.id}")}, {$set: {notes: "edited in mongosh at " + new Date().toLocaleTimeString()}})`,
    });
  recipes.push({
    title: "Insert a contact",
    hint: "also starts the welcome job",
    line: `db.contacts.insertOne({workspace: ${JSON.stringify(workspace)}, kind: "person", firstName: "Ada", lastName: "Lovelace", tags: ["from-mongosh"]})`,
  });
  recipes.push({
    title: "Change many at once",
    line: `db.contacts.updateMany({workspace: ${JSON.stringify(workspace)}, tags: "from-mongosh"}, {$addToSet: {tags: "seen-live"}})`,
  });
  recipes.push({
    title: "Three in one transaction",
    hint: "one commit, one position, three events",
    line: `s = db.getMongo().startSession(); s.withTransaction(() => { for (const n of ["Uno", "Due", "Tre"]) s.getDatabase(db.getName()).contacts.insertOne({workspace: ${JSON.stringify(workspace)}, kind: "person", firstName: n, tags: ["from-mongosh"]}) })`,
  });
  recipes.push({
    title: "Delete the inserted contacts",
    line: `db.contacts.deleteMany({workspace: ${JSON.stringify(workspace)}, tags: "from-mongosh"})`,
  });
  return recipes;
}

/**
 * @param {string} origin of this server
 * @param {PartialContact | null | undefined} contact any contact of the workspace
 * @param {string} workspace
 * @returns {Recipe[]}
 */
export function curlRecipes(origin, contact, workspace) {
  const header = workspace === "default" ? "" : ` -H 'Workspace: ${workspace}'`;
  const json = (/** @type {object} */ body) => quote(JSON.stringify(body));
  /** @type {Recipe[]} */
  const recipes = [
    {
      title: "Create a contact",
      line: `curl -si${header} -H 'Content-Type: application/json' ${origin}/contacts -d ${json({ kind: "person", firstName: "Grace", lastName: "Hopper", tags: ["from-curl"] })}`,
    },
  ];
  if (!contact) return recipes;
  const url = `${origin}/contacts/${contact.id}`;
  recipes.push({
    title: `Edit ${contact.fullName || "a contact"}`,
    line: `curl -si${header} -X PATCH -H 'Content-Type: application/merge-patch+json' ${url} -d ${json({ notes: "edited with curl" })}`,
  });
  recipes.push({
    title: "Is it cached?",
    hint: "run it twice: a miss, then a hit; after an edit, a miss again",
    line: `curl -si${header} ${url} | grep -iE '^(cache-status|position|etag)'`,
  });
  return recipes;
}
