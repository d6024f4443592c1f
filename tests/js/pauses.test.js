import assert from "node:assert/strict";
import { test } from "node:test";

import { sentenceStops } from "../../static/js/player/sentence_moves.js";
import { A, B, audioUrl, cached, openReadyPage, ready } from "./stage/page.js";
import { WORDS, sentences } from "./stage/words.js";

const loadMarks = async () => WORDS;

async function openPausingPage(options = {}) {
  const page = openReadyPage({ loadMarks, sentences, sentencePauseMs: 800, ...options });
  page.sounds.loadMs = 0;
  page.player.play();
  for (let idx = 0; idx < 3; idx++) page.server.socket.tell(cached(A, idx, { marks_url: `/m/${idx}` }));
  await page.clock.tick(0);
  return page;
}

const urls = ({ sounds }) => sounds.sounding.map(({ url }) => url);
const isNear = (value, expected, margin = 45) => Math.abs(value - expected) <= margin;

test("a stop is where the last word of a sentence ends, and before the next one begins", () => {
  assert.deepEqual(sentenceStops(WORDS, sentences()), [{ ms: 1_000, nextMs: 1_400, offset: 10 }]);
  const close = WORDS.with(1, [4, 8, 500, 1_400]);
  assert.equal(sentenceStops(close, sentences())[0].ms, 1_360);
  assert.deepEqual(sentenceStops(WORDS, [[0, 17]]), []);
  assert.deepEqual(sentenceStops(WORDS, []), []);
  assert.deepEqual(sentenceStops([], sentences()), []);
  // A sentence of which nothing is spoken makes no stop of its own.
  assert.equal(sentenceStops(WORDS, [[0, 10], [10, 10], [10, 17]]).length, 1);
});

test("after a sentence it is silent for as long as is chosen, and then goes on", async () => {
  const page = await openPausingPage();
  await page.clock.tick(990);
  assert.equal(page.sounds.sounding.length, 1);
  await page.clock.tick(60);
  assert.deepEqual(urls(page), []);
  assert.equal(page.player.state, "playing");
  assert.equal(isNear(page.player.positionMs, 1_000), true);
  await page.clock.tick(700);
  assert.deepEqual(urls(page), []);
  await page.clock.tick(100);
  assert.deepEqual(urls(page), [audioUrl(A, 0)]);
  assert.equal(isNear(page.player.positionMs, 1_050), true);
  // At the end of a block it is the pause after a paragraph that counts.
  await page.clock.tick(2_000);
  assert.deepEqual([page.player.idx, urls(page)], [1, [audioUrl(A, 1)]]);
});

test("read faster, the pause after a sentence is shorter", async () => {
  const page = await openPausingPage({ speed: 2 });
  await page.clock.tick(550);
  assert.deepEqual(urls(page), []);
  await page.clock.tick(400);
  assert.deepEqual(urls(page), [audioUrl(A, 0)]);
});

test("a change of speed in the silence counts at once", async () => {
  const page = await openPausingPage();
  await page.clock.tick(1_100);
  page.player.speed = 2;
  await page.clock.tick(200);
  assert.deepEqual(urls(page), []);
  await page.clock.tick(150);
  assert.deepEqual(urls(page), [audioUrl(A, 0)]);
  assert.equal(page.sounds.sounding[0].rate, 2);
});

test("without word times, or none chosen, nothing is silent in a block", async () => {
  for (const options of [{ sentencePauseMs: 0 }, { loadMarks: async () => [] }]) {
    const page = await openPausingPage(options);
    for (let ms = 0; ms < 2_900; ms += 100) {
      await page.clock.tick(100);
      assert.deepEqual(urls(page), [audioUrl(A, 0)]);
    }
  }
});

test("paused in the silence it stays silent, and play goes on with the next sentence", async () => {
  const page = await openPausingPage();
  await page.clock.tick(1_200);
  page.player.pause();
  await page.clock.tick(5_000);
  assert.deepEqual([page.player.state, urls(page)], ["paused", []]);
  page.player.play();
  await page.clock.tick(300);
  assert.deepEqual(urls(page), [audioUrl(A, 0)]);
  assert.equal(page.player.positionMs > 1_200, true);
});

test("to skip in the silence ends it", async () => {
  const moves = {
    seek: ({ player }) => player.seek(100),
    sentence: ({ steps }) => steps.nextSentence(),
    skip: ({ steps }) => steps.skip(500),
    next: ({ player }) => player.next(),
  };
  for (const [name, move] of Object.entries(moves)) {
    const page = await openPausingPage();
    await page.clock.tick(1_200);
    assert.deepEqual(urls(page), []);
    move(page);
    await page.clock.tick(10);
    assert.deepEqual(urls(page), [audioUrl(A, name === "next" ? 1 : 0)], name);
    await page.clock.tick(600);
    assert.equal(page.sounds.sounding.length, 1, name);
  }
});

test("a change of voice in the silence is silent, and goes on with the next sentence", async () => {
  const page = await openPausingPage();
  await page.clock.tick(1_200);
  page.player.changeVoice(B);
  await page.clock.tick(5_000);
  assert.deepEqual(urls(page), []);
  assert.equal(page.sounds.undisposed.length, 0);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0, { marks_url: "/m/b" }));
  await page.clock.tick(0);
  assert.deepEqual(urls(page), [audioUrl(B, 0)]);
  assert.equal(page.player.positionMs, 1_400);
});

test("a sound that breaks in the silence leaves nothing to go on with", async () => {
  const page = await openPausingPage();
  await page.clock.tick(1_200);
  page.sounds.handles[0].dispatchEvent(new Event("error"));
  assert.equal(page.player.state, "failed");
  await page.clock.tick(1_000);
  assert.deepEqual(urls(page), []);
  await page.clock.tick(700);
  assert.deepEqual(urls(page), [audioUrl(A, 1)]);
});

test("the place is saved in the silence", async () => {
  const page = await openPausingPage({ sentencePauseMs: 20_000 });
  await page.clock.tick(12_000);
  const saved = page.server.socket.takeSent().filter(({ type }) => type === "save_position");
  assert.equal(saved.length, 4);
  assert.equal(isNear(saved.at(-1).offset_ms, 1_000), true);
});

async function openPausedPage({ pausedMs, at = 2_500, ...options }) {
  const page = await openPausingPage({ sentencePauseMs: 0, rewindMs: 2_000, ...options });
  page.player.seek(at);
  page.player.pause();
  await page.clock.tick(pausedMs);
  return page;
}

test("after a long pause it goes on from a little earlier", async () => {
  const page = await openPausedPage({ pausedMs: 11_000 });
  page.player.play();
  assert.equal(page.player.positionMs, 500);
  page.player.pause();
  page.player.play();
  assert.equal(page.player.positionMs, 500);
});

test("never from before the beginning of the block, nor after a short pause", async () => {
  const early = await openPausedPage({ pausedMs: 11_000, at: 800 });
  early.player.play();
  assert.deepEqual([early.player.idx, early.player.positionMs], [0, 0]);
  const short = await openPausedPage({ pausedMs: 9_000 });
  short.player.play();
  assert.equal(short.player.positionMs, 2_500);
});

test("who moved in a long pause hears the place that was chosen", async () => {
  const sought = await openPausedPage({ pausedMs: 11_000 });
  sought.player.seek(2_700);
  sought.player.play();
  assert.equal(sought.player.positionMs, 2_700);
  const skipped = await openPausedPage({ pausedMs: 11_000 });
  skipped.player.next();
  skipped.player.goTo(0, { ms: 2_000 });
  await skipped.clock.tick(10);
  skipped.player.play();
  await skipped.clock.tick(0);
  assert.equal(isNear(skipped.player.positionMs, 2_000), true);
});
