/**
 * The lines of the contents as parts of the text, and which of them are skipped.
 *
 * A chapter lasts until the next line that is not deeper. What lies in a folded one is left out of
 * the playlist; whoever goes to a block in it anyway wants to hear it, and it is unfolded.
 * Event: change.
 */
export class Chapters extends EventTarget {
  #playlist;
  #list;
  #folded = new Set(); // first blocks

  /** `entries`: `{idx, depth, title}`; `folded`: the first blocks of those that are skipped. */
  constructor({ entries, folded = [], playlist }) {
    super();
    this.#playlist = playlist;
    const sorted = [...entries].sort((a, b) => a.idx - b.idx);
    this.#list = sorted.map((entry, at) => {
      const { idx, depth, title } = entry;
      const next = sorted.slice(at + 1).find((later) => later.idx > idx && later.depth <= depth);
      return { first: idx, last: (next?.idx ?? Infinity) - 1, depth, title, entry };
    });
    this.#fold(folded.filter((idx) => this.#list.some(({ first }) => first === idx)));
  }

  /** `{first, last, depth, title, entry}` of each, in the order of the text. */
  get list() {
    return this.#list;
  }

  /** The first blocks of the folded chapters, in order. */
  get folded() {
    return [...this.#folded].sort((a, b) => a - b);
  }

  /** The parts that are skipped, as `[[first, last], …]`: what is folded in a folded one is in it. */
  get skipped() {
    const ranges = [];
    for (const { first, last } of this.#list) {
      if (!this.#folded.has(first)) continue;
      const before = ranges.at(-1);
      if (before !== undefined && first <= before[1]) before[1] = Math.max(before[1], last);
      else ranges.push([first, last]);
    }
    return ranges;
  }

  /** Return the number of the line that a block is under, or -1. */
  at(idx) {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#list[middle].first <= idx) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  titleAt(idx) {
    return this.#list[this.at(idx)]?.title ?? "";
  }

  /** Skip the chapter that begins with this block, or read it again; false if nothing remained. */
  fold(first, isFolded) {
    const folded = new Set(this.#folded);
    if (isFolded) folded.add(first);
    else folded.delete(first);
    return this.#fold(folded);
  }

  /** Skip nothing that this block is in. */
  unfoldAround(idx) {
    const isAround = ({ first, last }) => this.#folded.has(first) && first <= idx && idx <= last;
    const around = this.#list.filter(isAround).map(({ first }) => first);
    if (around.length > 0) this.#fold(this.folded.filter((first) => !around.includes(first)));
  }

  /** Return the first block of the next chapter that is heard, or null. */
  next(idx) {
    for (const chapter of this.#list.slice(this.at(idx) + 1)) {
      const heard = this.#firstHeard(chapter);
      if (heard !== null && heard > idx) return heard;
    }
    return null;
  }

  /** Return the first block of this chapter or, of one that has just begun, of the one before. */
  previous(idx) {
    for (let at = this.at(idx); at >= 0; at--) {
      const heard = this.#firstHeard(this.#list[at]);
      if (heard !== null && heard < idx) return heard;
    }
    return this.#playlist.first;
  }

  /** Return the first block that is heard from the beginning of a chapter on, or null. */
  heardFrom(first) {
    return this.#playlist.atOrAfter(first);
  }

  #firstHeard({ first, last }) {
    const heard = this.#playlist.atOrAfter(first);
    return heard !== null && heard <= last ? heard : null;
  }

  #fold(folded) {
    const before = this.#folded;
    this.#folded = new Set(folded);
    if (this.#folded.size === before.size && this.folded.every((first) => before.has(first))) {
      return true;
    }
    if (!this.#playlist.leaveOut(this.skipped)) {
      this.#folded = before;
      return false;
    }
    this.dispatchEvent(new CustomEvent("change"));
    return true;
  }
}
