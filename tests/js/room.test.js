import assert from "node:assert/strict";
import { test } from "node:test";

import { roomOf } from "../../static/js/text/room.js";

const PROSE = [40, 120, 260, 300].map((characters) => [characters, 20 + 0.5 * characters]);
const guess = (measured, characters) => {
  const { perBlock, perCharacter } = roomOf(measured);
  return perBlock + characters * perCharacter;
};

test("what is drawn tells what the rest takes up", () => {
  const { perBlock, perCharacter } = roomOf(PROSE);
  assert.ok(Math.abs(perBlock - 20) < 1e-9);
  assert.ok(Math.abs(perCharacter - 0.5) < 1e-9);
});

test("a page of short lines, of one length or nearly, does not make paragraphs tall", () => {
  const line = (characters) => [characters, 45];
  for (const lines of [Array(50).fill(line(8)), [...Array(49).fill(line(8)), [8, 77]],
    Array.from({ length: 50 }, (_, n) => line(7 + (n % 3)))]) {
    assert.ok(guess(lines, 300) > 100 && guess(lines, 300) < 250, `${guess(lines, 300)}`);
  }
});

test("one picture, cover or table that says nothing does not make all tall", () => {
  assert.ok(guess([[0, 900], ...Array(49).fill([260, 150])], 260) < 200);
});

test("whatever was measured, the guess is a number that is not negative", () => {
  for (const measured of [[], [[0, 0]], [[0, 40], [0, 80]], [[5, 0]], [[undefined, 50]],
    [[undefined, 50], [10, 45]], [[10, 900], [300, 45]], [[10, 45], [10, 900]]]) {
    const { perBlock, perCharacter } = roomOf(measured);
    assert.ok(Number.isFinite(perBlock) && perBlock >= 0, JSON.stringify(measured));
    assert.ok(Number.isFinite(perCharacter) && perCharacter >= 0, JSON.stringify(measured));
  }
});
