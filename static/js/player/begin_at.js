import { markAt, markOf } from "../document/marks.js";
import { sentenceAt, shareBefore } from "./sentence_moves.js";

// A time this close to the end of a block means that it was heard.
export const END_MARGIN_MS = 250;

/**
 * Where a block is to begin: `{ms}`, or `{offset}` of what is spoken, whose time is known when the
 * marks are; with it may come the `share` of what is spoken that is before the word's sentence, to
 * guess by where there are none, and `withinMs`, for how long they are waited for. `{}` is the
 * beginning.
 */

/**
 * Return the time to show until the block begins.
 *
 * @param {{ms?: number, offset?: number}} place
 */
export function shownMs({ ms = 0, offset }, marks) {
  return offset ? (marks?.[markOf(marks, offset)]?.[2] ?? ms) : ms;
}

/** Return the time to begin at in a sound that lasts so long. */
export function beginMs(place, marks, lastsMs) {
  const { ms = 0, offset = null } = place;
  if (offset !== null) return marks?.[markOf(marks, offset)]?.[2] ?? guessedMs(place, lastsMs);
  return ms < lastsMs - END_MARGIN_MS ? ms : 0;
}

/** Return about when the sentence of a word begins, as long as its time is not known. */
export function guessedMs({ share = 0 }, lastsMs) {
  return Number.isFinite(lastsMs) ? share * lastsMs : 0;
}

/** Return the place of the sentence that is heard at `ms`, or of the one that was to follow. */
export function sentencePlace({ marks, ms, held, ranges }) {
  const offset = held?.offset ?? marks?.[markAt(marks, ms)]?.[0];
  if (offset === undefined) return {};
  return { offset: sentenceAt(ranges, offset)[0], share: shareBefore(ranges, offset) };
}
