// What this browser remembers of a person's choices. If its storage is disabled, a choice lasts until the page is left.

/** The stored text; null if there is none. @param {string} key */
export function readStored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is disabled
  }
}

/**
 * The list that is stored as JSON; empty if there is none, or something else.
 *
 * @param {string} key
 * @returns {any[]}
 */
export function readStoredList(key) {
  try {
    const stored = JSON.parse(readStored(key) ?? "[]");
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}

/**
 * @param {string} key
 * @param {string} text
 */
export function store(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Storage is disabled or full.
  }
}
