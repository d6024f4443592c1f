const MOST = 5_000;
const AROUND = 40;
const ACCENTED = /[\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff]/g;

/** A text in which letters differ neither by case nor by accents, as long as it was. */
export function fold(text) {
  const small = text.toLowerCase();
  const same = small.length === text.length ? small : text;
  return same.replace(/\s/g, " ").replace(ACCENTED, (letter) => letter.normalize("NFD")[0]);
}

/** Find words in texts, `[[idx, text], …]`: `[[idx, start, end], …]`, in reading order. */
export function occurrences(words, texts) {
  const wanted = fold(words.trim()).replace(/ +/g, " ");
  const found = [];
  if (wanted === "") return found;
  for (const [idx, text] of texts) {
    const folded = fold(text);
    for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
      found.push([idx, at, at + wanted.length]);
      if (found.length === MOST) return found;
    }
  }
  return found;
}

/** What stands around a place in a text: before it, in it, after it. */
export function surroundings(text, start, end) {
  const [from, to] = [Math.max(0, start - AROUND), Math.min(text.length, end + AROUND)];
  const before = `${from > 0 ? "…" : ""}${text.slice(from, start)}`;
  return [before, text.slice(start, end), `${text.slice(end, to)}${to < text.length ? "…" : ""}`];
}
