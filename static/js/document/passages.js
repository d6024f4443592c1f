import { markAt, sentences, shownToSpoken, spokenToShown } from "./marks.js";

/**
 * Passages of a document: `{block_idx, start, end_block_idx, end}`, in UTF-16 units of the texts
 * that their blocks show.
 */

/** Return the part of a passage in one block as [start, end] of its `length`, or null. */
export function partIn({ block_idx, start, end_block_idx, end }, idx, length) {
  if (idx < block_idx || idx > end_block_idx) return null;
  return [idx === block_idx ? start : 0, idx === end_block_idx ? end : length];
}

/** Order passages as they are read. */
export function inReadingOrder(a, b) {
  return a.block_idx - b.block_idx || a.start - b.start || a.id - b.id;
}

/** Return the first and last place of what is spoken of a passage, or null if none of it is. */
export function spokenPlaces({ block_idx, start, end_block_idx, end }, { blocks, playlist }) {
  let first = playlist.atOrAfter(block_idx);
  const last = playlist.before(end_block_idx + 1);
  let offset = first === block_idx ? shownToSpoken(blocks.spans(first), start) : 0;
  // Of the block in which it begins, all that is marked may be silent.
  if (first === block_idx && first < last && offset >= spokenEnd(blocks.spans(first), Infinity)) {
    first = playlist.after(first);
    offset = 0;
  }
  if (first === null || last === null || first > last) return null;
  const until = last === end_block_idx ? spokenEnd(blocks.spans(last), end) : Infinity;
  if (first === last && offset >= until) return null;
  return { from: { idx: first, offset }, to: { idx: last, offset: until } };
}

/** Return the spoken place that a shown one leads to: after the last spoken unit before it. */
function spokenEnd(spans, end) {
  const span = spans.findLast(([, shown]) => shown < end);
  if (span === undefined) return 0;
  const [spoken, shown, length] = span;
  return spoken + Math.min(length, end - shown);
}

/** Return the sentence that is being spoken or will be first, as a passage, or null if none is. */
export function sentenceBeingSpoken({ player, blocks }) {
  const { idx, litMarks: marks, startsAt, positionMs, durationMs } = player;
  if (idx === null) return null;
  const text = blocks.text(idx);
  const mark = marks?.[Math.max(0, markAt(marks, positionMs))];
  const word = mark ?? (startsAt && [startsAt, startsAt + 1]);
  const place = word
    ? (spokenToShown(blocks.spans(idx), word[0], word[1])?.[0] ?? 0)
    : (text.length * positionMs) / (durationMs || Infinity); // Words without times: about there.
  const ranges = sentences(text, blocks.language(idx));
  const [start, end] = ranges.findLast(([from]) => from <= place) ?? [0, text.length];
  return trimmed({ block_idx: idx, start, end_block_idx: idx, end }, () => text);
}

/** Leave out white space at both ends; null if nothing is left. `text(idx)`: what a block shows. */
export function trimmed({ block_idx, start, end_block_idx, end }, text) {
  const front = text(block_idx).slice(start, block_idx === end_block_idx ? end : undefined);
  const from = front.length - front.trimStart().length;
  if (block_idx === end_block_idx) {
    if (front.trim() === "") return null;
    return { block_idx, start: start + from, end_block_idx, end: start + front.trimEnd().length };
  }
  if (from === front.length) {
    return trimmed({ block_idx: block_idx + 1, start: 0, end_block_idx, end }, text);
  }
  const back = text(end_block_idx).slice(0, end).trimEnd();
  if (back === "") {
    const before = end_block_idx - 1;
    const length = text(before).length;
    return trimmed({ block_idx, start, end_block_idx: before, end: length }, text);
  }
  return { block_idx, start: start + from, end_block_idx, end: back.length };
}

/** Return a passage of one block widened to whole words; of several blocks, null. */
export function wholeWords({ block_idx, start, end_block_idx, end }, text, language = "") {
  if (block_idx !== end_block_idx) return null;
  const words = globalThis.Intl?.Segmenter
    ? [...new Intl.Segmenter(language || undefined, { granularity: "word" }).segment(text)]
    : [...text.matchAll(/[\p{L}\p{N}\p{M}_'’-]+/gu)].map(({ 0: segment, index }) => ({
        segment,
        index,
        isWordLike: true,
      }));
  const touched = words.filter(
    ({ segment, index, isWordLike }) => isWordLike && index < end && index + segment.length > start,
  );
  if (touched.length === 0) return null;
  const { segment, index } = touched.at(-1);
  return { block_idx, start: touched[0].index, end_block_idx, end: index + segment.length };
}

/** Return the word that is being spoken as a passage, or null when there is none. */
export function wordBeingSpoken({ player, blocks }) {
  const { idx, litMarks: marks, positionMs } = player;
  const mark = marks?.[Math.max(0, markAt(marks, positionMs))];
  if (!mark) return null;
  const { length } = blocks.text(idx);
  const shown = spokenToShown(blocks.spans(idx), mark[0], mark[1], length);
  return shown && { block_idx: idx, start: shown[0], end_block_idx: idx, end: shown[1] };
}

/** Return the beginning of a text, for a line that tells of it. */
export function shortened(text, most = 60) {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= most) return line;
  return `${line.slice(0, most).replace(/\s+\S*$/, "")}…`;
}
