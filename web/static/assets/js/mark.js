// Where the words of a search were found in a text, so that they can be shown as <mark> elements.
// Text stays text: nothing here makes HTML.

const lower = (s) => s.toLowerCase();
const bare = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Splits text into [{text, hit}]. A hit begins a word with one of the words looked for or, with whole,
 * is that word, in any case and with or without its accents: as MongoDB's $text finds it.
 */
export function segments(text, words, whole = false) {
  const wanted = words.map(whole ? bare : lower);
  const length = (word) => {
    if (whole) return wanted.includes(bare(word)) ? word.length : 0;
    const low = lower(word);
    if (low.length !== word.length) return 0; // lower-casing moved the letters
    return Math.max(0, ...wanted.filter((w) => low.startsWith(w)).map((w) => w.length));
  };
  const out = [];
  let from = 0;
  for (const { 0: word, index } of wanted.length ? (text ?? "").matchAll(/[\p{L}\p{N}\p{M}]+/gu) : []) {
    const n = length(word);
    if (!n) continue;
    if (index > from) out.push({ text: text.slice(from, index), hit: false });
    from = index + n;
    out.push({ text: text.slice(index, from), hit: true });
  }
  if (from < (text ?? "").length || !out.length) out.push({ text: (text ?? "").slice(from), hit: false });
  return out;
}

/** The words of what was typed into the search box. */
export const words = (s) => (s.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).slice(0, 8);
