/**
 * The blocks in reading order, without those that have nothing to say and those that are left out.
 *
 * Event: grown, whenever there are other blocks than before.
 */
export class Playlist extends EventTarget {
  #all = [];
  #blocks = this.#all; // Those of them that are heard.
  #chars = new Map();
  #leftOut = [];
  #complete;

  /** `blocks` are `{idx, chars, skipped}`; `complete` is false while more are being imported. */
  constructor(blocks = [], { complete = true } = {}) {
    super();
    this.#complete = complete;
    this.#take(blocks);
  }

  get complete() {
    return this.#complete;
  }

  set complete(complete) {
    this.#complete = complete;
    this.dispatchEvent(new CustomEvent("grown"));
  }

  get size() {
    return this.#blocks.length;
  }

  get first() {
    return this.#blocks[0]?.idx ?? null;
  }

  get last() {
    return this.#blocks.at(-1)?.idx ?? null;
  }

  [Symbol.iterator]() {
    return this.#blocks.values();
  }

  /** Add blocks that follow those there are; ones known already are passed over. */
  add(blocks) {
    this.#take(blocks);
    this.dispatchEvent(new CustomEvent("grown"));
  }

  /** Take these in place of all there are: others have something to say now. */
  renew(blocks) {
    this.#all = [];
    this.#chars.clear();
    this.#blocks = this.#leftOut.length > 0 ? [] : this.#all;
    this.add(blocks);
  }

  /** Leave out these ranges `[[first, last], …]` of blocks; false if nothing would remain. */
  leaveOut(ranges) {
    const isHeard = ({ idx }) => !isWithin(ranges, idx);
    const blocks = ranges.length > 0 ? this.#all.filter(isHeard) : this.#all;
    if (blocks.length === 0 && this.#all.length > 0) return false;
    this.#leftOut = ranges;
    this.#blocks = blocks;
    this.dispatchEvent(new CustomEvent("grown"));
    return true;
  }

  /** All blocks that have something to say, left out or not. */
  get all() {
    return this.#all;
  }

  chars(idx) {
    return this.#chars.get(idx) ?? 0;
  }

  /** Whether a block is heard when its turn comes. */
  has(idx) {
    return this.atOrAfter(idx) === idx;
  }

  /** Return how many blocks are heard before this one. */
  placeOf(idx) {
    return this.#findPlace(idx);
  }

  /** Return the block at a place, or null. */
  at(place) {
    return this.#blocks[place]?.idx ?? null;
  }

  after(idx) {
    return this.atOrAfter(idx + 1);
  }

  before(idx) {
    return this.#blocks[this.#findPlace(idx) - 1]?.idx ?? null;
  }

  atOrAfter(idx) {
    return this.#blocks[this.#findPlace(idx)]?.idx ?? null;
  }

  /** Return the indices of `count` blocks from `idx` on. */
  window(idx, count) {
    const place = this.#findPlace(idx);
    return this.#blocks.slice(place, place + count).map((block) => block.idx);
  }

  #take(blocks) {
    for (const { idx, chars = 0, skipped = false } of blocks) {
      if (skipped || idx <= (this.#all.at(-1)?.idx ?? -1)) continue;
      this.#chars.set(idx, chars);
      this.#all.push({ idx, chars });
      if (this.#blocks !== this.#all && !isWithin(this.#leftOut, idx)) this.#blocks.push({ idx, chars });
    }
  }

  /** Find the place of the first block that is not before `idx`. */
  #findPlace(idx) {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle].idx < idx) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isWithin = (ranges, idx) => ranges.some(([first, last]) => first <= idx && idx <= last);
