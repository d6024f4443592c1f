import { whenShown } from "../life.js";
import { markAt, spokenToShown } from "../document/marks.js";

const HIGHLIGHT = "spoken-word";

/**
 * Shows the block and the word being spoken.
 *
 * Looks at the time on each animation frame, since an element's own `timeupdate` comes only four
 * times a second. Event: word {range}, whenever another word is lit.
 */
export class Highlighter extends EventTarget {
  #player;
  #blocks;
  #lamp = "highlights" in CSS ? new HighlightLamp() : new BoxLamp();
  #frame = null;
  #idx = null;
  #marks = null;
  #mark = -1;
  #letters = null;

  constructor({ player, blocks }) {
    super();
    this.#player = player;
    this.#blocks = blocks;
    player.addEventListener("block", () => this.#moved());
    player.addEventListener("marks", () => this.#look());
    player.addEventListener("state", () => this.#look());
    blocks.addEventListener("drawn", () => this.#redraw());
    this.#moved();
  }

  #moved() {
    this.#idx = this.#player.idx;
    this.#letters = null;
    this.#darken();
    this.#blocks.markCurrent(this.#idx);
    this.#look();
  }

  /** The letters of the block may be others by now. */
  #redraw() {
    if (this.#letters?.isConnected) return;
    this.#letters = null;
    this.#darken();
    this.#look();
  }

  #look() {
    cancelAnimationFrame(this.#frame);
    this.#show();
    if (this.#player.state === "playing") {
      this.#frame = requestAnimationFrame(() => this.#look());
    }
  }

  #show() {
    const { litMarks: marks, positionMs } = this.#player;
    if (marks === null || this.#idx === null) {
      if (marks !== this.#marks) this.#darken();
      this.#marks = marks;
      return;
    }
    const mark = markAt(marks, positionMs);
    // While a sound grows its marks become more: the word that is lit stays so.
    const isLit = this.#marks !== null && isSameWord(this.#marks[this.#mark], marks[mark]);
    this.#marks = marks;
    this.#mark = mark;
    if (isLit) return;
    const range = mark < 0 ? null : this.#rangeOf(marks[mark]);
    this.#lamp.light(range);
    if (range !== null) this.dispatchEvent(new CustomEvent("word", { detail: { range } }));
  }

  #darken() {
    this.#mark = -1;
    this.#lamp.light(null);
  }

  #rangeOf([start, end]) {
    const body = this.#blocks.body(this.#idx);
    if (body === null) return null;
    this.#letters ??= new Letters(body);
    const spans = this.#blocks.spans(this.#idx);
    const shown = spokenToShown(spans, start, end, this.#letters.length);
    return shown && this.#letters.range(...shown);
  }
}

const isSameWord = (one, other) => one?.[0] === other?.[0] && one?.[1] === other?.[1];

/** The text nodes of an element as one text, so that an offset finds its node quickly. */
export class Letters {
  #nodes = [];
  #starts = [];
  #length = 0;

  constructor(element) {
    /** @type {any} whose nodes are texts alone */
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      this.#nodes.push(walker.currentNode);
      this.#starts.push(this.#length);
      this.#length += walker.currentNode.length;
    }
  }

  get length() {
    return this.#length;
  }

  get isConnected() {
    return this.#nodes[0]?.isConnected ?? false;
  }

  /** The range between two offsets, or null when the text is shorter. */
  range(start, end) {
    if (start >= end || end > this.#length) return null;
    const range = new Range();
    const first = this.#nodeAt(start);
    // The end belongs to the node of the last letter, not to the one that begins there.
    const last = this.#nodeAt(end - 1);
    range.setStart(this.#nodes[first], start - this.#starts[first]);
    range.setEnd(this.#nodes[last], end - this.#starts[last]);
    return range;
  }

  #nodeAt(offset) {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Lights a word by the browser's own highlights: nothing in the document changes. */
class HighlightLamp {
  #highlight = new Highlight();

  constructor() {
    whenShown(() => CSS.highlights.set(HIGHLIGHT, this.#highlight));
  }

  light(range) {
    this.#highlight.clear();
    if (range !== null) this.#highlight.add(range);
  }
}

/** Lights a word by boxes behind its letters, where the browser has no highlights. */
class BoxLamp {
  #layer = document.createElement("div");

  constructor() {
    this.#layer.className = "word-boxes";
    this.#layer.ariaHidden = "true";
  }

  light(range) {
    this.#layer.remove();
    if (range === null) return;
    const block = range.startContainer.parentElement.closest(".block");
    const origin = block.getBoundingClientRect();
    const boxes = Array.from(range.getClientRects(), (rect) => boxOver(rect, origin));
    this.#layer.replaceChildren(...boxes);
    block.append(this.#layer);
  }
}

function boxOver({ left, top, width, height }, origin) {
  const box = document.createElement("span");
  box.style.translate = `${left - origin.left}px ${top - origin.top}px`;
  box.style.width = `${width}px`;
  box.style.height = `${height}px`;
  return box;
}
