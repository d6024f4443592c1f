/** Blocks that a coming revision makes other ones, though it may find them as long as before. */
export class Expected {
  #revisions;
  #until = new Map();

  constructor(revisions) {
    this.#revisions = revisions;
    revisions.addEventListener("found", ({ detail }) => {
      for (const [idx, last] of this.#until) {
        detail.changed.add(idx);
        if (last <= detail.revision) this.#until.delete(idx);
      }
    });
  }

  /** Take a block for another in each revision up to the last, which may not be known yet. */
  expect(idx, last = Infinity) {
    if (last > this.#revisions.revision) this.#until.set(idx, last);
    else this.#until.delete(idx);
  }
}
