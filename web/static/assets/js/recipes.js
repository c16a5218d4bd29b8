// Commands to paste into a terminal, with the real addresses of database and server and a real id.

import { shellQuote } from "./shell-quote.js";
import { t } from "./texts.js";

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
      title: t.inspect.recipes.connect,
      line: `mongosh ${shellQuote(info.mongoURI)}`,
      hint: info.mongoURI.includes(`/${info.database}`) ? "" : t.inspect.recipes.use(info.database ?? ""),
    });
  if (contact)
    recipes.push({
      title: t.inspect.recipes.edit(contact.fullName || t.list.aContact),
      line: `db.contacts.updateOne({_id: ObjectId("${contact.id}")}, {$set: {notes: "edited in mongosh at " + new Date().toLocaleTimeString()}})`,
    });
  recipes.push({
    title: t.inspect.recipes.insert,
    hint: t.inspect.recipes.insertHint,
    line: `db.contacts.insertOne({workspace: ${JSON.stringify(workspace)}, kind: "person", firstName: "Ada", lastName: "Lovelace", tags: ["from-mongosh"]})`,
  });
  recipes.push({
    title: t.inspect.recipes.many,
    line: `db.contacts.updateMany({workspace: ${JSON.stringify(workspace)}, tags: "from-mongosh"}, {$addToSet: {tags: "seen-live"}})`,
  });
  recipes.push({
    title: t.inspect.recipes.transaction,
    hint: t.inspect.recipes.transactionHint,
    line: `s = db.getMongo().startSession(); s.withTransaction(() => { for (const n of ["Uno", "Due", "Tre"]) s.getDatabase(db.getName()).contacts.insertOne({workspace: ${JSON.stringify(workspace)}, kind: "person", firstName: n, tags: ["from-mongosh"]}) })`,
  });
  recipes.push({
    title: t.inspect.recipes.remove,
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
  const json = (/** @type {object} */ body) => shellQuote(JSON.stringify(body));
  /** @type {Recipe[]} */
  const recipes = [
    {
      title: t.inspect.recipes.create,
      line: `curl -si${header} -H 'Content-Type: application/json' ${origin}/contacts -d ${json({ kind: "person", firstName: "Grace", lastName: "Hopper", tags: ["from-curl"] })}`,
    },
  ];
  if (!contact) return recipes;
  const url = `${origin}/contacts/${contact.id}`;
  recipes.push({
    title: t.inspect.recipes.edit(contact.fullName || t.list.aContact),
    line: `curl -si${header} -X PATCH -H 'Content-Type: application/merge-patch+json' ${url} -d ${json({ notes: "edited with curl" })}`,
  });
  recipes.push({
    title: t.inspect.recipes.cached,
    hint: t.inspect.recipes.cachedHint,
    line: `curl -si${header} ${url} | grep -iE '^(cache-status|position|etag)'`,
  });
  return recipes;
}
