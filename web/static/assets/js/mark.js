// Where the words of a search were found in a text, so that they can be shown as <mark> elements.
// Text stays text: nothing here makes HTML.

/** Splits text into [{text, hit}], where a hit begins a word with one of the words looked for. */
export function segments(text, words) {
  const wanted = words.map((w) => w.toLowerCase()).filter(Boolean);
  if (!text || !wanted.length) return [{ text: text ?? "", hit: false }];
  const low = text.toLowerCase();
  if (low.length !== text.length) return [{ text, hit: false }]; // lower-casing moved the letters
  const out = [];
  let from = 0;
  for (let i = 0; i < text.length;) {
    const starts = i === 0 || !/[\p{L}\p{N}]/u.test(text[i - 1]);
    const word = starts && wanted.filter((w) => low.startsWith(w, i)).sort((a, b) => b.length - a.length)[0];
    if (!word) {
      i++;
      continue;
    }
    if (i > from) out.push({ text: text.slice(from, i), hit: false });
    out.push({ text: text.slice(i, i + word.length), hit: true });
    from = i += word.length;
  }
  if (from < text.length) out.push({ text: text.slice(from), hit: false });
  return out;
}

/** The words of what was typed into the search box. */
export const words = (s) => (s.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 8);
