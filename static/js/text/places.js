import { sentencesSpoken, shownToSpoken } from "../document/marks.js";
import { partIn, trimmed } from "../document/passages.js";
import { shareBefore } from "../player/sentence_moves.js";
import { Letters } from "./highlight.js";

/** Return the ranges that show a passage, one for each of its blocks that is drawn. */
export function rangesOf(passage, blocks) {
  const ranges = [];
  for (let idx = passage.block_idx; idx <= passage.end_block_idx; idx++) {
    const body = blocks.body(idx);
    const part = body && partIn(passage, idx, body.textContent.length);
    const range = part && new Letters(body).range(...part);
    if (range) ranges.push({ idx, range });
  }
  return ranges;
}

/** Return the passage that is selected in the blocks, or null. */
export function passageSelected(selection, blocks) {
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(blocks.root)) return null;
  const touched = [...blocks.root.querySelectorAll(".block__body")].filter((body) =>
    range.intersectsNode(body),
  );
  if (touched.length === 0) return null;
  const [first, last] = [touched[0], touched.at(-1)];
  const { startContainer, startOffset, endContainer, endOffset } = range;
  return trimmed(
    {
      block_idx: idxOf(first),
      start: first.contains(startContainer) ? offsetIn(first, startContainer, startOffset) : 0,
      end_block_idx: idxOf(last),
      end: last.contains(endContainer)
        ? offsetIn(last, endContainer, endOffset)
        : last.textContent.length,
    },
    (idx) => blocks.text(idx),
  );
}

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
  const spans = blocks.spans(idx);
  const spoken = shownToSpoken(spans, offset);
  const ranges = sentencesSpoken(spans, body.textContent, blocks.language(idx));
  return { offset: spoken, share: shareBefore(ranges, spoken) };
}

const idxOf = (body) => Number(body.closest(".block").dataset.idx);

function offsetIn(body, node, offset) {
  const before = new Range();
  before.selectNodeContents(body);
  before.setEnd(node, offset);
  return before.toString().length;
}

function caretAt(x, y) {
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
