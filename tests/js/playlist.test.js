import assert from "node:assert/strict";
import { test } from "node:test";

import { Playlist } from "../../static/js/document/playlist.js";

const BLOCKS = [
  { idx: 0, chars: 10, skipped: true },
  { idx: 1, chars: 11 },
  { idx: 2, chars: 0, skipped: true },
  { idx: 3, chars: 13 },
  { idx: 4, chars: 14 },
];

test("skipped blocks are passed over in both directions", () => {
  const playlist = new Playlist(BLOCKS);
  assert.deepEqual([playlist.first, playlist.last, playlist.size], [1, 4, 3]);
  assert.deepEqual([0, 1, 2, 3, 4].map((idx) => playlist.after(idx)), [1, 3, 3, 4, null]);
  assert.deepEqual([0, 1, 2, 3, 4].map((idx) => playlist.before(idx)), [null, null, 1, 1, 3]);
  assert.deepEqual([0, 2, 5].map((idx) => playlist.atOrAfter(idx)), [1, 3, null]);
  assert.deepEqual(playlist.window(2, 5), [3, 4]);
  assert.deepEqual(playlist.window(0, 2), [1, 3]);
  assert.deepEqual([...playlist].map(({ idx }) => idx), [1, 3, 4]);
  assert.equal(playlist.chars(3), 13);
});

test("an empty document has no blocks to play", () => {
  const playlist = new Playlist();
  assert.deepEqual([playlist.first, playlist.last, playlist.after(0)], [null, null, null]);
  assert.deepEqual(playlist.window(0, 3), []);
});

test("blocks are added once", () => {
  const playlist = new Playlist(BLOCKS);
  let grown = 0;
  playlist.addEventListener("grown", () => grown++);
  playlist.add([BLOCKS[4], { idx: 5, chars: 15 }]);
  assert.deepEqual([playlist.size, playlist.last, grown], [4, 5, 1]);
});
