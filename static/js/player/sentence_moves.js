import { markAt, markOf } from "../document/marks.js";

// So soon after its beginning a sentence is not the one that is meant by going back.
const MARGIN_MS = 1_000;
// A pause begins before the next word does, even if a timer is a little late.
const BEFORE_NEXT_MS = 40;

/**
 * Places in a block, by its sentences: `marks` as they are heard, `ranges` of the spoken text.
 */

/** Return the range of the sentence around a place in the spoken text. */
export function sentenceAt(ranges, offset) {
  return ranges.findLast(([start]) => start <= offset) ?? [0, Infinity];
}

/** Return what share of the text is before the sentence around a place. */
export function shareBefore(ranges, offset) {
  return sentenceAt(ranges, offset)[0] / (ranges.at(-1)?.[1] || 1);
}

/** Return when the sentence after the one that is heard at `ms` begins; null if there is none. */
export function nextSentence(marks, ranges, ms) {
  const start = sentenceAfter(marks, ranges, ms) ?? Infinity;
  const mark = marks[markOf(marks, start)];
  return mark && mark[0] >= start ? mark[2] : null;
}

/** Return where in the text the sentence after the one heard at `ms` begins; null if there is none. */
export function sentenceAfter(marks, ranges, ms) {
  const [, end] = sentenceAt(ranges, offsetAt(marks, ms));
  return ranges.find(([start]) => start >= end)?.[0] ?? null;
}

/** Return when the sentence that is heard at `ms` begins, or the one before; null if none does. */
export function previousSentence(marks, ranges, ms) {
  const startMs = (offset) => marks[markOf(marks, offset)]?.[2] ?? 0;
  const [start] = sentenceAt(ranges, offsetAt(marks, ms));
  if (ms - startMs(start) > MARGIN_MS) return startMs(start);
  return start > 0 ? startMs(sentenceAt(ranges, start - 1)[0]) : null;
}

/**
 * Return the ends of sentences inside of a block: `{ms, nextMs, offset}`, where to pause, when the
 * next word is heard, and its place in the spoken text.
 */
export function sentenceStops(marks, ranges) {
  const stops = [];
  for (const [start] of ranges.slice(1)) {
    const next = markOf(marks, start);
    if (next < 1 || marks[next][2] <= (stops.at(-1)?.nextMs ?? 0)) continue;
    const [offset, , nextMs] = marks[next];
    const [, , fromMs, toMs] = marks[next - 1];
    stops.push({ ms: Math.max(fromMs, Math.min(toMs, nextMs - BEFORE_NEXT_MS)), nextMs, offset });
  }
  return stops;
}

const offsetAt = (marks, ms) => marks[markAt(marks, ms)]?.[0] ?? 0;
