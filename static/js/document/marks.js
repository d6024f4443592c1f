/**
 * Times and places of spoken words.
 *
 * A mark is `[start, end, startMs, endMs]`: a range of the spoken text and when it is heard.
 * A span is `[spokenStart, shownStart, length]`: a piece of the spoken text that is shown as it is.
 * All offsets count UTF-16 units, as strings of this language do.
 */

/** Return the index of the word heard at `ms`, else of the last one before it; -1 if none. */
export function markAt(marks, ms) {
  return countWhile(marks, ([, , startMs]) => startMs <= ms) - 1;
}

/** Return the index of the first word that ends after `offset`, or -1. */
export function markOf(marks, offset) {
  const index = countWhile(marks, ([, end]) => end <= offset);
  return index < marks.length ? index : -1;
}

/**
 * Return the shown range of a spoken one, or null if nothing is shown for it. Words that are spoken
 * instead of what is shown, as for a formula, lead to all of that.
 */
export function spokenToShown(spans, start, end, shownLength = 0) {
  const first = countWhile(spans, ([spoken, , length]) => spoken + length <= start);
  const last = countWhile(spans, ([spoken]) => spoken < end) - 1;
  if (first > last) return shownBetween(spans, first, shownLength);
  const [firstSpoken, firstShown] = spans[first];
  const [lastSpoken, lastShown, lastLength] = spans[last];
  return [
    firstShown + Math.max(0, start - firstSpoken),
    lastShown + Math.min(lastLength, end - lastSpoken),
  ];
}

/** Return what is shown before the span of that index and behind the one before it, or null. */
function shownBetween(spans, index, shownLength) {
  if (spans.length === 0) return null; // All of it is a person's correction.
  const [, before, length] = spans[index - 1] ?? [0, 0, 0];
  const after = spans[index]?.[1] ?? shownLength;
  return before + length < after ? [before + length, after] : null;
}

/** Return the spoken place of a shown one; between two spans, where the first ends. */
export function shownToSpoken(spans, offset) {
  // What is said for the text between two spans begins there.
  const index = countWhile(spans, ([, shown]) => shown <= offset) - 1;
  const [spoken, shown, length] = spans[index] ?? [0, 0, 0];
  return spoken + Math.min(length, offset - shown);
}

/** Return the ranges of the sentences in a text. */
export function sentences(text, language = "") {
  const starts = globalThis.Intl?.Segmenter
    ? segmentedStarts(text, language)
    : [...text.matchAll(/(?:^|[.!?…]["'”’)\]]*\s+|[。！？]["'”’」』）]*\s*)(?=\S)/gu)].map(
        (match) => match.index + match[0].length,
      );
  return starts.map((start, at) => [start, starts[at + 1] ?? text.length]);
}

/** Return the spoken ranges of the sentences in a shown text, of which so many letters are said. */
export function sentencesSpoken(spans, shownText, language, chars) {
  const starts = sentences(shownText, language).map(([start]) => shownToSpoken(spans, start));
  const length = Math.max(shownToSpoken(spans, shownText.length), chars);
  return starts
    .map((start, at) => [start, starts[at + 1] ?? length])
    .filter(([start, end]) => start < end);
}

function segmentedStarts(text, language) {
  /** @type {Intl.SegmenterOptions} */
  const granularity = { granularity: "sentence" };
  let segmenter;
  try {
    segmenter = new Intl.Segmenter(language || undefined, granularity);
  } catch {
    segmenter = new Intl.Segmenter(undefined, granularity); // A language tag that is none.
  }
  return Array.from(segmenter.segment(text), ({ index }) => index);
}

/** Count the items at the front of a sorted list for which `test` holds, by halving. */
function countWhile(items, test) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
