const GROWTH = 2;

/**
 * Pauses that double from `first` to `longest` ms. Each is drawn from the upper half of its length,
 * so that many pages which lost the same server do not all come back in the same moment.
 */
export class GrowingPause {
  #first;
  #longest;
  #random;
  #length;

  constructor({ first, longest, random = Math.random }) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
    this.#length = first;
  }

  /** Return the next pause in ms. */
  next() {
    const length = this.#length;
    this.#length = Math.min(length * GROWTH, this.#longest);
    return length * (0.5 + this.#random() / 2);
  }

  reset() {
    this.#length = this.#first;
  }
}
