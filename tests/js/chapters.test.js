import assert from "node:assert/strict";
import { test } from "node:test";

import { ReadyAhead } from "../../static/js/document/buffer.js";
import { Chapters } from "../../static/js/document/chapters.js";
import { Playlist } from "../../static/js/document/playlist.js";
import { A, audioUrl, cached, openReadyPage, ready } from "./stage/page.js";

const ENTRIES = [
  { idx: 1, depth: 0, title: "One" },
  { idx: 3, depth: 1, title: "One, a" },
  { idx: 5, depth: 1, title: "One, b" },
  { idx: 8, depth: 0, title: "Two" },
  { idx: 12, depth: 0, title: "Three" },
];
const BLOCKS = Array.from({ length: 20 }, (_, idx) => ({ idx, chars: 140, skipped: idx === 12 }));

function open(options = {}) {
  const playlist = new Playlist(options.blocks ?? BLOCKS);
  return { playlist, chapters: new Chapters({ entries: ENTRIES, playlist, ...options }) };
}

const indices = (playlist) => Array.from(playlist, ({ idx }) => idx);

test("a chapter lasts until the next line that is not deeper", () => {
  const { chapters } = open();
  assert.deepEqual(
    chapters.list.map(({ first, last }) => [first, last]),
    [[1, 7], [3, 4], [5, 7], [8, 11], [12, Infinity]],
  );
  assert.deepEqual([0, 1, 2, 4, 11, 19].map((idx) => chapters.at(idx)), [-1, 0, 0, 1, 3, 4]);
  assert.equal(chapters.titleAt(6), "One, b");
  assert.equal(chapters.titleAt(0), "");
});

test("one goes to the next chapter, to the beginning of this one, to the one before", () => {
  const { chapters } = open();
  assert.deepEqual([0, 1, 4, 9, 15].map((idx) => chapters.next(idx)), [1, 3, 5, 13, null]);
  assert.deepEqual([9, 8, 1, 0].map((idx) => chapters.previous(idx)), [8, 5, 0, 0]);
});

test("folded chapters are left out of what is played, with all that is in them", () => {
  const { chapters, playlist } = open();
  let changes = 0;
  chapters.addEventListener("change", () => changes++);
  assert.equal(chapters.fold(1, true), true);
  assert.deepEqual(indices(playlist), [0, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19]);
  assert.deepEqual([playlist.after(0), playlist.before(8), playlist.has(3)], [8, 0, false]);
  assert.deepEqual(playlist.window(0, 3), [0, 8, 9]);
  assert.deepEqual([chapters.next(0), chapters.previous(8)], [8, 0]);
  chapters.fold(3, true);
  chapters.fold(12, true);
  assert.deepEqual(chapters.skipped, [[1, 7], [12, Infinity]]);
  assert.deepEqual(chapters.folded, [1, 3, 12]);
  assert.equal(playlist.last, 11);
  chapters.unfoldAround(6);
  assert.deepEqual(chapters.folded, [3, 12]);
  assert.equal(changes, 4);
});

test("what is read is never nothing", () => {
  const { chapters, playlist } = open({ blocks: BLOCKS.slice(1, 8), folded: [8] });
  assert.equal(chapters.fold(1, true), false);
  assert.deepEqual(chapters.folded, [8]);
  assert.equal(playlist.size, 7);
});

test("what was folded before is folded again, if it is a chapter still", () => {
  const { chapters, playlist } = open({ folded: [2, 8, 99] });
  assert.deepEqual(chapters.folded, [8]);
  playlist.add([{ idx: 20, chars: 10 }]);
  assert.deepEqual([playlist.has(8), playlist.has(20)], [false, true]);
});

function openChapterPage(options) {
  const page = openReadyPage(options);
  const chapters = new Chapters({ entries: ENTRIES, playlist: page.playlist });
  return { ...page, chapters };
}

async function playing(page, until = 12) {
  page.player.play();
  for (let idx = 0; idx < until; idx++) page.server.socket.tell(cached(A, idx));
  await page.clock.tick(100);
}

const sounding = ({ sounds }) => sounds.sounding.map(({ url }) => url);

test("the player passes over a folded chapter, even if its sound was fetched ahead", async () => {
  const page = openChapterPage({ pauseMs: () => 400 });
  await playing(page);
  assert.deepEqual(page.sounds.loads, [audioUrl(A, 0), audioUrl(A, 1)]);
  page.chapters.fold(1, true);
  assert.equal(page.session.wanted.includes(1), false);
  await page.clock.tick(3_500);
  assert.deepEqual(sounding(page), [audioUrl(A, 8)]);
  assert.equal(page.sounds.undisposed.length, 2);
});

test("to fold the chapter that is read is to go on after it", async () => {
  const page = openChapterPage();
  await playing(page);
  page.player.playFrom(4);
  await page.clock.tick(50);
  page.chapters.fold(1, true);
  await page.clock.tick(50);
  assert.deepEqual([page.player.idx, page.player.state], [8, "playing"]);
  assert.deepEqual(sounding(page), [audioUrl(A, 8)]);
});

test("to fold the last chapter while it is read is to come to the end", async () => {
  const page = openChapterPage();
  await playing(page, 20);
  page.player.playFrom(15);
  await page.clock.tick(50);
  page.chapters.fold(12, true);
  assert.equal(page.player.state, "ended");
  assert.deepEqual(page.sounds.undisposed, []);
});

test("paused in a chapter that is folded, one stands after it, or before it at the end", async () => {
  const page = openChapterPage();
  await playing(page, 20);
  page.player.pause();
  page.player.goTo(9);
  page.chapters.fold(8, true);
  assert.deepEqual([page.player.idx, page.player.state], [12, "paused"]);
  page.chapters.fold(12, true);
  assert.deepEqual([page.player.idx, page.player.state], [7, "paused"]);
  await page.clock.tick(500);
  assert.deepEqual(page.sounds.sounding, []);
});

test("what is folded before anything was played moves the place to begin from", async () => {
  const page = openChapterPage({ position: { block_idx: 4, offset_ms: 900 } });
  const places = [];
  page.player.addEventListener("block", ({ detail }) => places.push(detail.idx));
  page.chapters.fold(8, true);
  assert.deepEqual([page.player.idx, places], [4, []]);
  page.chapters.fold(1, true);
  assert.deepEqual([page.player.idx, page.player.positionMs, places], [12, 0, [12]]);
  assert.equal(page.player.state, "idle");
});

test("a last block before what is folded ends the reading", async () => {
  const page = openChapterPage({ pauseMs: () => 400 });
  await playing(page);
  page.player.playFrom(11);
  await page.clock.tick(50);
  page.chapters.fold(12, true);
  await page.clock.tick(4_000);
  assert.equal(page.player.state, "ended");
});

test("what is left and what is ready count only what is heard", () => {
  const page = openChapterPage();
  const sums = new ReadyAhead(page);
  for (let idx = 0; idx < 10; idx++) {
    page.server.socket.tell(cached(A, idx, { duration_ms: 10_000 }));
  }
  const rounded = ({ elapsedMs, totalMs }) => [Math.round(elapsedMs), Math.round(totalMs)];
  assert.deepEqual(rounded(sums.place(9, 1_000)), [91_000, 200_000]);
  assert.deepEqual(sums.ahead(0, 0), { ms: 100_000, until: 9, blocks: 10 });
  page.chapters.fold(1, true);
  assert.deepEqual(rounded(sums.place(9, 1_000)), [21_000, 130_000]);
  assert.deepEqual(sums.ahead(0, 4_000), { ms: 26_000, until: 9, blocks: 3 });
  assert.equal(Math.round(sums.between(1, 7)), 70_000);
  assert.equal(Math.round(sums.between(12, Infinity)), 80_000);
  assert.deepEqual([0, 0.08, 0.5, 1].map((share) => sums.atShare(share)), [0, 8, 13, 19]);
  assert.equal(sums.shareBefore(8).toFixed(4), (1 / 13).toFixed(4));
});

test("twelve thousand blocks are summed up and folded in no time", () => {
  const blocks = Array.from({ length: 12_000 }, (_, idx) => ({ idx, chars: 300 }));
  const page = openReadyPage({ blockCount: 12_000, blocks });
  const entries = Array.from({ length: 1_000 }, (_, n) => ({ idx: n * 12, depth: 0, title: `${n}` }));
  const chapters = new Chapters({ entries, playlist: page.playlist });
  const sums = new ReadyAhead(page);
  page.server.socket.tell(ready(A, { block_count: 12_000 }));
  const began = performance.now();
  for (let n = 0; n < 10_000; n++) {
    sums.place(n, 100);
    sums.ahead(n, 100);
    sums.between(n, n + 100);
  }
  for (let n = 0; n < 1_000; n++) page.server.socket.tell(cached(A, n * 2));
  for (let n = 0; n < 12_000; n += 1_200) chapters.fold(n, true);
  const ms = performance.now() - began;
  assert.equal(ms < 5_000, true, `${ms} ms`); // Sums block by block would take a minute.
  assert.equal(sums.ranges().length > 800, true);
});
