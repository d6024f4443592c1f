/** Whole numbers, kept as unbroken runs `[first, last]` in order. */
export class Runs {
  #runs = [];

  [Symbol.iterator]() {
    return this.#runs.values();
  }

  /** Return the run around a number, or null. */
  around(n) {
    const run = this.#runs[this.#firstThatEnds(n)];
    return run !== undefined && run[0] <= n ? run : null;
  }

  /** Add a number; false if it is there already. */
  add(n) {
    const at = this.#firstThatEnds(n - 1);
    const run = this.#runs[at];
    if (run === undefined || run[0] > n + 1) {
      this.#runs.splice(at, 0, [n, n]);
      return true;
    }
    if (run[0] <= n && n <= run[1]) return false;
    run[0] = Math.min(run[0], n);
    run[1] = Math.max(run[1], n);
    if (this.#runs[at + 1]?.[0] === run[1] + 1) run[1] = this.#runs.splice(at + 1, 1)[0][1];
    return true;
  }

  /** Take a number out; false if it is not there. */
  delete(n) {
    const run = this.around(n);
    if (run === null) return false;
    const [first, last] = run;
    const rest = [[first, n - 1], [n + 1, last]].filter(([from, to]) => from <= to);
    this.#runs.splice(this.#runs.indexOf(run), 1, ...rest);
    return true;
  }

  /** Find the place of the first run that does not end before `n`. */
  #firstThatEnds(n) {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#runs[middle][1] < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
