import { shownToSpoken } from "../document/marks.js";
import { shareBefore } from "../player/sentence_moves.js";

/**
 * Return the place in what is spoken of the word at a point of the view, and what share of it comes
 * before the word's sentence; {} beside all words.
 */
export function wordAt(x, y, idx, blocks) {
  const caret = caretAt(x, y);
  const body = blocks.body(idx);
  if (caret === null || !body?.contains(caret.node)) return {};
  const at = letterAt(x, y, caret);
  if (at === null) return {};
  const offset = offsetIn(body, caret.node, at);
  if (isInFirstWord(body.textContent, offset)) return {};
  const spoken = shownToSpoken(blocks.spans(idx), offset);
  return { offset: spoken, share: shareBefore(blocks.sentences(idx), spoken) };
}

/** Return how much text of an element is before a place in it. */
export function offsetIn(body, node, offset) {
  const before = new Range();
  before.selectNodeContents(body);
  before.setEnd(node, offset);
  return before.toString().length;
}

function caretAt(x, y) {
  /** @type {Partial<CaretPosition & Range> | null | undefined} the one or the other */
  const found = document.caretPositionFromPoint
    ? document.caretPositionFromPoint(x, y)
    : document.caretRangeFromPoint?.(x, y);
  const node = found?.offsetNode ?? found?.startContainer;
  return node?.nodeType === Node.TEXT_NODE
    ? { node, offset: found.offset ?? found.startOffset }
    : null;
}

/** The letter under the point is after the caret or before it; null: the point is on neither. */
function letterAt(x, y, { node, offset }) {
  for (const at of [offset, offset - 1]) {
    if (at < 0 || at >= node.length) continue;
    const letter = new Range();
    letter.setStart(node, at);
    letter.setEnd(node, at + 1);
    if (holds(letter, x, y)) return at;
  }
  return null;
}

/** Whether a range is shown at a point of the view. */
export function holds(range, x, y) {
  return Array.from(range.getClientRects()).some(
    ({ left, right, top, bottom }) => left <= x && x <= right && top <= y && y <= bottom,
  );
}

/** From its first word a block is played as a whole: nobody has to wait for the words' times. */
function isInFirstWord(text, offset) {
  if (!Intl.Segmenter) return offset === 0;
  const words = new Intl.Segmenter(undefined, { granularity: "word" });
  for (const { index, segment, isWordLike } of words.segment(text.slice(0, 200))) {
    if (isWordLike) return offset < index + segment.length;
  }
  return false;
}
