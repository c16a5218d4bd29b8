/** The text as a text area returns it. @param {string} text */
export const withPlainLineEnds = (text) => text.replace(/\r\n?/g, "\n");
