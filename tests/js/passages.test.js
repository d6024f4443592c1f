import assert from "node:assert/strict";
import { test } from "node:test";

import {
  inReadingOrder,
  partIn,
  sentenceBeingSpoken,
  shortened,
  spokenPlaces,
  trimmed,
  wholeWords,
  wordBeingSpoken,
} from "../../static/js/document/passages.js";
import { Playlist } from "../../static/js/document/playlist.js";

const passage = (block_idx, start, end_block_idx, end) => ({ block_idx, start, end_block_idx, end });

// 0 "Dr. 😀 Who [1] asked", spoken "Doctor 😀 Who asked"; 1 is silent; 2 is spoken as it is shown.
const TEXTS = ["Dr. 😀 Who [1] asked", "[1]", "One sentence. Another one."];
const SPANS = [[[6, 3, 7], [13, 14, 6]], [], [[0, 0, 26]]];
const blocks = {
  text: (idx) => TEXTS[idx],
  spans: (idx) => SPANS[idx],
  language: () => "en",
};
const playlist = new Playlist([{ idx: 0 }, { idx: 1, skipped: true }, { idx: 2 }]);

test("a passage has a part in each of its blocks and in no other", () => {
  const over = passage(1, 5, 3, 2);
  assert.deepEqual([0, 1, 2, 3, 4].map((idx) => partIn(over, idx, 9)), [
    null, [5, 9], [0, 9], [0, 2], null,
  ]);
  assert.deepEqual(partIn(passage(1, 2, 1, 4), 1, 9), [2, 4]);
});

test("passages are ordered as they are read", () => {
  const [a, b, c] = [{ block_idx: 2, start: 1 }, { block_idx: 2, start: 4 }, { block_idx: 10, start: 0 }];
  assert.deepEqual([c, b, a].toSorted(inReadingOrder), [a, b, c]);
});

test("a passage is played from the first spoken word of it to the last", () => {
  const places = (...at) => spokenPlaces(passage(...at), { blocks, playlist });
  const who = TEXTS[0].indexOf("Who");
  assert.deepEqual(places(0, who, 0, who + 3), {
    from: { idx: 0, offset: 10 },
    to: { idx: 0, offset: 13 },
  });
  const asked = TEXTS[0].indexOf("asked");
  assert.deepEqual(places(0, asked, 2, 3), {
    from: { idx: 0, offset: 14 },
    to: { idx: 2, offset: 3 },
  });
});

test("what is silent at the ends of a passage is left out, and a silent one has no places", () => {
  const places = (...at) => spokenPlaces(passage(...at), { blocks, playlist });
  const note = TEXTS[0].indexOf("[1]");
  assert.equal(places(0, note, 0, note + 3), null);
  assert.equal(places(1, 0, 1, 3), null);
  assert.deepEqual(places(1, 0, 2, 3).from, { idx: 2, offset: 0 });
  assert.deepEqual(places(0, 0, 1, 3).to, { idx: 0, offset: Infinity });
});

test("a passage that begins with what is said otherwise is played from there", () => {
  const text = "Nginx[1] is quick, says Nginx";
  const here = { text: () => text, spans: () => [[8, 8, 16]], language: () => "en" };
  const chars = "engine x is quick, says engine x".length;
  const both = new Playlist([{ idx: 0, chars }, { idx: 1, chars: 5 }]);
  const places = (...at) => spokenPlaces(passage(...at), { blocks: here, playlist: both });
  assert.deepEqual(places(0, 0, 0, 11), { from: { idx: 0, offset: 0 }, to: { idx: 0, offset: 11 } });
  assert.equal(places(0, 5, 0, 8), null); // silent
  assert.deepEqual(places(0, 12, 1, 12).from, { idx: 0, offset: 12 });
});

test("the sentence being spoken is found by its word, else by how much was heard", () => {
  const at = (player) => sentenceBeingSpoken({ player: { idx: 2, ...player }, blocks });
  const litMarks = [[0, 3, 0, 400], [14, 21, 900, 1_200]];
  assert.deepEqual(at({ litMarks, positionMs: 100 }), passage(2, 0, 2, 13));
  assert.deepEqual(at({ litMarks, positionMs: 1_000 }), passage(2, 14, 2, 26));
  assert.deepEqual(at({ litMarks: null, positionMs: 0, durationMs: null }), passage(2, 0, 2, 13));
  assert.deepEqual(at({ litMarks: null, positionMs: 800, durationMs: 1_000 }), passage(2, 14, 2, 26));
  const silent = { litMarks: null, positionMs: 0, durationMs: null };
  assert.deepEqual(at({ ...silent, startsAt: 18 }), passage(2, 14, 2, 26));
  assert.deepEqual(at({ ...silent, startsAt: 0 }), passage(2, 0, 2, 13));
  assert.equal(at({ idx: null }), null);
});

test("white space at the ends of a passage is left out, with whole blocks of it", () => {
  const texts = [" one ", "  ", " two ", ""];
  const trim = (...at) => trimmed(passage(...at), (idx) => texts[idx]);
  assert.deepEqual(trim(0, 0, 0, 5), passage(0, 1, 0, 4));
  assert.deepEqual(trim(0, 5, 2, 5), passage(2, 1, 2, 4));
  assert.deepEqual(trim(0, 1, 3, 0), passage(0, 1, 2, 4));
  assert.equal(trim(1, 0, 1, 2), null);
  assert.equal(trim(0, 5, 1, 2), null);
});

test("a long quote is told by its beginning", () => {
  assert.equal(shortened(" A  short\none "), "A short one");
  assert.equal(shortened("word ".repeat(40)), `${"word ".repeat(11)}word…`);
});

test("a passage is widened to whole words", () => {
  const text = "Don't say nginx-like things. 日本語の本。";
  const of = (part) => ({
    block_idx: 1,
    start: text.indexOf(part),
    end_block_idx: 1,
    end: text.indexOf(part) + part.length,
  });
  const words = (part) => {
    const found = wholeWords(of(part), text, "en");
    return found && text.slice(found.start, found.end);
  };
  assert.equal(words("on"), "Don't");
  assert.equal(words("ay ngi"), "say nginx");
  assert.equal(words(" things. "), "things");
  assert.equal(words("日本語"), "日本語");
  assert.equal(words(" "), null);
  assert.equal(wholeWords({ ...of("say"), end_block_idx: 2 }, text), null);
});

test("the word being spoken is found, also where another one is said", () => {
  const text = "Its name is Nginx, so.";
  const spans = [[0, 0, 12], [20, 17, 5]]; // "engine x" is said
  const blocks = { spans: () => spans, text: () => text };
  const player = { idx: 3, litMarks: [[0, 3, 0, 100], [12, 18, 100, 200], [19, 20, 200, 300], [22, 24, 300, 400]] };
  const at = (positionMs) => wordBeingSpoken({ player: { ...player, positionMs }, blocks });
  assert.deepEqual(at(50), { block_idx: 3, start: 0, end_block_idx: 3, end: 3 });
  assert.deepEqual(at(150), { block_idx: 3, start: 12, end_block_idx: 3, end: 17 });
  assert.equal(text.slice(at(250).start, at(250).end), "Nginx");
  assert.equal(wordBeingSpoken({ player: { idx: 3, litMarks: null, positionMs: 0 }, blocks }), null);
});
