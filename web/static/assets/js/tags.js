// Tags as people type them.

import { fold } from "./fold.js";

/**
 * Tags with those of a text added, which has commas between them. A tag that differs from another in case or accents only is
 * the same tag.
 *
 * @param {string[]} tags
 * @param {string} text
 * @param {(tag: string) => string} [spelling] the way a tag is written elsewhere
 * @returns {string[]}
 */
export function addTags(tags, text, spelling = (tag) => tag) {
  const all = [...tags];
  for (const part of text.split(",")) {
    const tag = part.trim();
    if (tag && !all.some((other) => fold(other) === fold(tag))) all.push(spelling(tag));
  }
  return all;
}
