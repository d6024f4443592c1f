/** Numbers whose partial sums are quick to ask for and quick to change: a Fenwick tree. */
export class Sums {
  #values;
  #tree;

  constructor(values) {
    this.#values = Float64Array.from(values);
    this.#tree = new Float64Array(this.#values.length + 1);
    for (let n = 1; n < this.#tree.length; n++) {
      this.#tree[n] += this.#values[n - 1];
      const parent = n + (n & -n);
      if (parent < this.#tree.length) this.#tree[parent] += this.#tree[n];
    }
  }

  get(at) {
    return this.#values[at] ?? 0;
  }

  set(at, value) {
    if (at >= this.#values.length) return;
    const change = value - this.#values[at];
    this.#values[at] = value;
    for (let n = at + 1; n < this.#tree.length; n += n & -n) this.#tree[n] += change;
  }

  /** Return the sum of all that are before `end`. */
  before(end) {
    let sum = 0;
    for (let n = Math.min(end, this.#values.length); n > 0; n -= n & -n) sum += this.#tree[n];
    return sum;
  }
}
