/** Quotes a text for a shell. @param {string} text */
export const shellQuote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
