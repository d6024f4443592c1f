import { markAt, markOf } from "../document/marks.js";
import { sentenceAt } from "./sentence_moves.js";

// A time this close to the end of a block means that it was heard.
export const END_MARGIN_MS = 250;

/**
 * Where a block is to begin: `{ms}`, or `{offset}` of what is spoken, whose time is known when the
 * marks are; `{}` is the beginning.
 */

/** Return the time to show until the block begins. */
export function shownMs({ ms = 0, offset }, marks) {
  return offset ? (marks?.[markOf(marks, offset)]?.[2] ?? ms) : ms;
}

/** Return the time to begin at in a sound that lasts so long. */
export function beginMs({ ms = 0, offset = null }, marks, lastsMs) {
  if (offset !== null) return marks?.[markOf(marks, offset)]?.[2] ?? 0;
  return ms < lastsMs - END_MARGIN_MS ? ms : 0;
}

/** Return the place of the sentence that is heard at `ms`, or of the one that was to follow. */
export function sentencePlace({ marks, ms, held, ranges }) {
  const offset = held?.offset ?? marks?.[markAt(marks, ms)]?.[0];
  return offset === undefined ? {} : { offset: sentenceAt(ranges, offset)[0] };
}
