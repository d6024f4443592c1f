/**
 * The blocks in reading order, without those that have nothing to say.
 *
 * Event: grown.
 */
export class Playlist extends EventTarget {
  #blocks = [];
  #placeOf = new Map();
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

  chars(idx) {
    return this.#blocks[this.#placeOf.get(idx)]?.chars ?? 0;
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
      if (skipped || idx <= (this.last ?? -1)) continue;
      this.#placeOf.set(idx, this.#blocks.length);
      this.#blocks.push({ idx, chars });
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
