import assert from "node:assert/strict";
import { test } from "node:test";

import { Runs } from "../../static/js/document/runs.js";
import { Sums } from "../../static/js/document/sums.js";

/** Numbers that look random and are the same each time. */
function* numbers(seed) {
  for (let n = seed; ; ) yield (n = (n * 1_103_515_245 + 12_345) % 2_147_483_648);
}

test("partial sums are those of the values, whatever was changed", () => {
  const random = numbers(1);
  const next = (below) => random.next().value % below;
  for (const size of [0, 1, 2, 7, 64, 100]) {
    const values = Array.from({ length: size }, () => next(1000));
    const sums = new Sums(values);
    for (let round = 0; round < 50 && size > 0; round++) {
      const at = next(size);
      values[at] = next(1000);
      sums.set(at, values[at]);
      const end = next(size + 1);
      assert.equal(sums.before(end), values.slice(0, end).reduce((a, b) => a + b, 0));
      assert.equal(sums.get(at), values[at]);
    }
    assert.equal(sums.before(Infinity), values.reduce((a, b) => a + b, 0));
    sums.set(size, 5); // There is no such place.
    assert.equal(sums.before(Infinity), values.reduce((a, b) => a + b, 0));
  }
});

test("runs are those of the numbers that are in, in whatever order they came and went", () => {
  const random = numbers(2);
  const runs = new Runs();
  const known = new Set();
  for (let round = 0; round < 2_000; round++) {
    const n = (random.next().value >> 8) % 30;
    const isIn = known.has(n);
    if ((random.next().value >> 8) % 2 === 0) {
      known.add(n);
      assert.equal(runs.add(n), !isIn);
    } else {
      assert.equal(runs.delete(n), known.delete(n));
    }
    const expected = [];
    for (const each of [...known].sort((a, b) => a - b)) {
      if (expected.at(-1)?.[1] === each - 1) expected.at(-1)[1] = each;
      else expected.push([each, each]);
    }
    assert.deepEqual([...runs], expected);
    assert.deepEqual(runs.around(n), expected.find(([a, b]) => a <= n && n <= b) ?? null);
  }
});
