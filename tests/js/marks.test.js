import assert from "node:assert/strict";
import { test } from "node:test";

import {
  markAt,
  markOf,
  sentences,
  sentencesSpoken,
  shownToSpoken,
  spokenToShown,
} from "../../static/js/document/marks.js";

const MARKS = [
  [0, 3, 100, 400],
  [4, 8, 400, 900],
  [10, 14, 1_200, 1_500],
];

test("the word heard at a time is the last that began", () => {
  const times = [0, 100, 399, 400, 1_000, 1_200, 9_999];
  assert.deepEqual(times.map((ms) => markAt(MARKS, ms)), [-1, 0, 0, 1, 1, 2, 2]);
  assert.equal(markAt([], 5), -1);
});

test("the word at a place is the first that ends after it", () => {
  assert.deepEqual([0, 3, 7, 8, 13, 14].map((at) => markOf(MARKS, at)), [0, 1, 1, 2, 2, -1]);
});

// Shown "Dr. 😀 Who [1] asked", spoken "Doctor 😀 Who asked": the emoji counts two.
const SHOWN = "Dr. 😀 Who [1] asked";
const SPOKEN = "Doctor 😀 Who asked";
const SPANS = [
  [6, 3, 7],
  [13, 14, 6],
];

test("a spoken word is found where it is shown, emoji or not", () => {
  const shown = (word) => {
    const start = SPOKEN.indexOf(word);
    const [from, to] = spokenToShown(SPANS, start, start + word.length);
    return SHOWN.slice(from, to);
  };
  assert.deepEqual(["😀", "Who", "asked"].map(shown), ["😀", "Who", "asked"]);
  assert.deepEqual(spokenToShown(SPANS, 10, 19), [7, 20]);
  assert.equal(spokenToShown([], 0, 3), null);
});

test("words that are spoken instead of something lead to all of it", () => {
  assert.deepEqual(spokenToShown(SPANS, 0, 6), [0, 3]); // Doctor: Dr.
  const square = [[0, 0, 1]]; // Shown "x²", spoken "x squared".
  assert.deepEqual(spokenToShown(square, 2, 9, 2), [1, 2]);
  assert.equal(spokenToShown(square, 2, 9, 1), null); // Nothing is shown for it.
  const head = [[5, 0, 3], [8, 3, 2]]; // Only spoken, and nothing between two spans.
  assert.equal(spokenToShown(head, 0, 4), null);
});

test("a shown place is found where it is spoken", () => {
  assert.equal(shownToSpoken(SPANS, SHOWN.indexOf("Who")), SPOKEN.indexOf("Who"));
  assert.equal(shownToSpoken(SPANS, SHOWN.indexOf("[1]") + 1), SPOKEN.indexOf(" asked"));
  assert.equal(shownToSpoken(SPANS, SHOWN.length), SPOKEN.length);
  assert.equal(shownToSpoken([], 7), 0);
});

// Shown "Nginx is quick. Nginx, says x²", where another word is said for "Nginx" and for "x²".
const OTHERWISE = [[8, 5, 11], [27, 21, 7]];
const SAID = "engine x is quick. engine x, says x squared";

test("of what is said otherwise the spoken place is where that begins", () => {
  const at = (shown) => SAID.slice(shownToSpoken(OTHERWISE, shown));
  assert.equal(at(0), SAID);
  assert.equal(at(3), SAID);
  assert.equal(at(16), "engine x, says x squared");
  assert.equal(at(18), at(16));
  assert.equal(at(28), "x squared");
});

test("a sentence that begins or ends with what is said otherwise is whole", () => {
  const said = (spans, shown, spoken) =>
    sentencesSpoken(spans, shown, "en", spoken.length).map(([start, end]) => spoken.slice(start, end));
  assert.deepEqual(said(OTHERWISE, "Nginx is quick. Nginx, says x²", SAID), [
    "engine x is quick. ",
    "engine x, says x squared",
  ]);
  assert.deepEqual(said([[0, 0, 3]], "1. Nginx", "1. engine x"), ["1. ", "engine x"]);
  assert.deepEqual(said([], "One. Two.", "A correction."), ["A correction."]);
  assert.deepEqual(said([[0, 0, 8]], "All ask. [3]", "All ask."), ["All ask."]);
});

test("sentences cover the text", () => {
  assert.deepEqual(sentences("One. Two? Three", "en"), [
    [0, 5],
    [5, 10],
    [10, 15],
  ]);
  assert.deepEqual(sentences("Eins.", "not a language"), [[0, 5]]);
  assert.deepEqual(sentences("", "en"), []);
});

test("sentences are found without a segmenter", (t) => {
  const { Segmenter } = Intl;
  t.after(() => (Intl.Segmenter = Segmenter));
  Intl.Segmenter = undefined;
  assert.deepEqual(sentences("One. Two? (Three.) 四。五"), [
    [0, 5],
    [5, 10],
    [10, 19],
    [19, 21],
    [21, 22],
  ]);
});
