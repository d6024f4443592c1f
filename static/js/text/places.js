import { partIn, trimmed } from "../document/passages.js";
import { Letters } from "./highlight.js";
import { offsetIn } from "./word_at.js";

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

const idxOf = (body) => Number(body.closest(".block").dataset.idx);
