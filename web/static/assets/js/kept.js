// What this browser keeps for a person who is signed out: edits that were not saved, and the place to go back to. It is stored
// by the id of its writer; no other person who signs in here is shown it.

import { readStored, readStoredList, remove, store } from "./storage.js";

const MAX_AGE = 14 * 24 * 60 * 60 * 1000; // of an edit, in milliseconds: as long as a session without use

/**
 * An edit that was not saved: the edited fields, as they were and as they are.
 *
 * @typedef {object} KeptEdit
 * @property {string} workspace
 * @property {string} id empty: a new contact
 * @property {PartialContact} base
 * @property {PartialContact} mine
 * @property {string} typedTag
 * @property {number} at
 */

const editsKey = (/** @type {string} */ user) => `grapevine.edits.${user}`;
const placeKey = (/** @type {string} */ user) => `grapevine.place.${user}`;

/**
 * Keeps edits together with those that are kept already.
 *
 * @param {string} user the id
 * @param {KeptEdit[]} edits
 */
export function keepEdits(user, edits) {
  const all = [...edits, ...readStoredList(editsKey(user))].filter(({ at }) => Date.now() - at < MAX_AGE);
  if (all.length) store(editsKey(user), JSON.stringify(all));
  else remove(editsKey(user));
}

/**
 * The edits that are kept for a person, which this page takes over.
 *
 * @param {string} user the id
 * @param {(workspace: string) => boolean} isWanted edits of other workspaces stay
 * @returns {KeptEdit[]}
 */
export function takeEdits(user, isWanted) {
  /** @type {KeptEdit[]} */
  const all = readStoredList(editsKey(user)).filter(({ at }) => Date.now() - at < MAX_AGE);
  remove(editsKey(user));
  keepEdits(
    user,
    all.filter(({ workspace }) => !isWanted(workspace)),
  );
  return all.filter(({ workspace }) => isWanted(workspace));
}

/** Keeps the address that is shown. @param {string} user the id */
export const keepPlace = (user) => store(placeKey(user), location.pathname + location.search);

/** The address to which a person goes back, once. @param {string} user the id */
export function takePlace(user) {
  const place = readStored(placeKey(user)) ?? "";
  remove(placeKey(user));
  return place;
}
