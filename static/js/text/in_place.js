import { Letters } from "./highlight.js";

/**
 * Turn the plain text of blocks into their elements while what is in view stays where it is, and
 * what is selected (the browser's own search selects what it finds) stays selected.
 *
 * `starts`: where in the text each block begins; `change()` returns the blocks' bodies.
 */
export function inPlace(text, starts, change) {
  const selection = getSelection();
  const isSelected = selection.anchorNode === text && selection.focusNode === text;
  const [anchor, focus] = [selection.anchorOffset, selection.focusOffset];
  const at = isSelected ? Math.min(anchor, focus) : offsetInView(text);
  const top = at === null ? 0 : rangeOf(text, at).getBoundingClientRect().top;
  const bodies = change();
  if (at === null) return;
  const n = starts.findLastIndex((start) => start <= at);
  const [start, end] = isSelected ? [at, Math.max(anchor, focus)] : [at, at + 1];
  const letters = new Letters(bodies[n]);
  const range = letters.range(start - starts[n], end - starts[n]);
  const isAt = (range ?? bodies[n]).getBoundingClientRect().top;
  scrollBy({ top: isAt - top, behavior: "instant" });
  if (!isSelected || range === null) return;
  selection.removeAllRanges();
  selection.addRange(range);
}

/**
 * The place in the text that stands in the middle of what is seen of it; null if nothing is, or if
 * the text begins in view: what is above it stays where it is then.
 */
function offsetInView(text) {
  const { left, width, top, bottom } = text.parentElement.getBoundingClientRect();
  const end = Math.min(bottom, innerHeight);
  if (top >= 0 || end <= 0) return null;
  const caret = document.caretPositionFromPoint?.(left + width / 2, end / 2);
  return caret?.offsetNode === text ? caret.offset : null;
}

function rangeOf(text, at) {
  const range = new Range();
  range.setStart(text, at);
  range.setEnd(text, Math.min(at + 1, text.length));
  return range;
}
