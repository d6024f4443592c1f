import assert from "node:assert/strict";
import { test } from "node:test";

import { Steps } from "../../static/js/player/steps.js";
import { openPlayingPage } from "./stage/playing.js";
import { WORDS, sentences } from "./stage/words.js";

test("to skip by seconds stays in the block, or goes over to its neighbours", async () => {
  const page = await openPlayingPage();
  await page.clock.tick(1_000);
  page.steps.skip(1_000);
  assert.equal(Math.round(page.player.positionMs / 100), 21);
  page.steps.skip(2_000);
  assert.equal(page.player.idx, 1);
  await page.clock.tick(500);
  page.player.seek(500);
  page.steps.skip(-1_000);
  assert.equal(page.player.idx, 0);
  await page.clock.tick(100);
  assert.equal(Math.round((page.player.positionMs - 100) / 100), 25);
  page.steps.skip(-15_000);
  assert.equal(page.player.idx, 0);
  await page.clock.tick(100);
  assert.equal(page.player.positionMs < 300, true);
});

test("seconds are seconds of sound, over as many short blocks as there are in them", async () => {
  const page = await openPlayingPage({ count: 12 }); // of three seconds each
  await page.clock.tick(900);
  page.steps.skip(15_000);
  assert.equal(page.player.idx, 5);
  await page.clock.tick(100);
  assert.equal(Math.round((page.player.positionMs - 100) / 100), 10);
  page.steps.skip(-10_000);
  assert.equal(page.player.idx, 2);
  await page.clock.tick(100);
  assert.equal(Math.abs(page.player.positionMs - 150) < 100, true);
});

test("seconds end with the document", async () => {
  const page = await openPlayingPage({ count: 3, blockCount: 3 });
  page.player.next();
  await page.clock.tick(100);
  page.steps.skip(15_000);
  assert.equal(page.player.idx, 2);
  await page.clock.tick(1_000);
  const { positionMs } = page.player;
  page.steps.skip(15_000);
  assert.deepEqual([page.player.idx, page.player.positionMs], [2, positionMs]);
  page.steps.skip(-60_000);
  assert.equal(page.player.idx, 0);
});

test("to skip by sentences goes by their first words", async () => {
  const page = await openPlayingPage({ loadMarks: async () => WORDS, marks: true, sentences });
  await page.clock.tick(400);
  page.steps.nextSentence();
  assert.equal(page.player.positionMs, 1_400);
  page.steps.previousSentence();
  assert.equal(page.player.positionMs, 0);
  page.player.seek(2_800);
  page.steps.previousSentence();
  assert.equal(page.player.positionMs, 1_400);
  page.steps.nextSentence();
  assert.equal(page.player.idx, 1);
  page.steps.previousSentence();
  assert.equal(page.player.idx, 0);
});

test("without word times a sentence is skipped with its block", async () => {
  const page = await openPlayingPage();
  page.steps.nextSentence();
  assert.equal(page.player.idx, 1);
  page.steps.previousSentence();
  assert.equal(page.player.idx, 0);
});

test("to skip back by little over a beginning is to hear the end of the block before", async () => {
  const page = await openPlayingPage();
  page.player.next();
  await page.clock.tick(100);
  page.steps.skip(-page.player.positionMs - 50);
  await page.clock.tick(10);
  assert.equal(page.player.idx, 0);
  assert.equal(page.player.positionMs > 2_500, true);
});

/** Steps over blocks of so many ms; `went` is where they lead to. */
function stepsOver(lasts, { idx = 0, positionMs = 0 }) {
  const went = [];
  const player = {
    idx,
    positionMs,
    goTo: (at, { ms }) => went.push([at, ms]),
    seek: (ms) => went.push([idx, ms]),
  };
  const playlist = {
    after: (at) => (at + 1 < lasts.length ? at + 1 : null),
    before: (at) => (at > 0 ? at - 1 : null),
  };
  const durations = { durationMs: (at) => lasts[at] };
  return { went, steps: new Steps({ player, durations, playlist, sentences: () => [] }) };
}

test("to skip on never leads to the very end of a block, where it would begin anew", () => {
  const { went, steps } = stepsOver([10_000, 14_300, 9_000], { positionMs: 9_100 });
  steps.skip(15_000);
  assert.deepEqual(went, [[2, 0]]);
});

test("what is heard of a block beyond its guessed end is not taken from the next ones", () => {
  const { went, steps } = stepsOver([10_000, 10_000, 10_000], { positionMs: 20_000 });
  steps.skip(15_000);
  assert.deepEqual(went, [[2, 5_000]]);
});
