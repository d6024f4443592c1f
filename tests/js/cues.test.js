import assert from "node:assert/strict";
import { test } from "node:test";

import { A, audioUrl, cached } from "./stage/page.js";
import { openPlayingPage, urls } from "./stage/playing.js";
import { loadMarks } from "./stage/words.js";

test("between two blocks it is silent for as long as is chosen, whatever the sounds have", async () => {
  const cases = [
    { silence: [0, 0], pause: 400, startsAt: 3_400, from: 0 },
    { silence: [50, 100], pause: 400, startsAt: 3_250, from: 0 },
    { silence: [50, 600], pause: 400, startsAt: 2_750, from: 0 },
    { silence: [200, 600], pause: 50, startsAt: 2_400, from: 150 },
    { silence: [50, 600], pause: 400, startsAt: 1_375, from: 0, speed: 2 },
  ];
  for (const { silence, pause, startsAt, from, speed = 1 } of cases) {
    const page = await openPlayingPage({ count: 0, pauseMs: () => pause, speed });
    page.sounds.silence = () => silence;
    page.sounds.loadMs = 0;
    page.server.socket.tell(cached(A, 0));
    page.server.socket.tell(cached(A, 1));
    await page.clock.tick(0);
    const began = page.clock.now();
    let heard = null;
    page.sounds.heard = (handle) => {
      if (handle.isSounding) heard ??= [handle.url, page.clock.now() - began, handle.positionMs];
    };
    await page.clock.tick(5_000);
    assert.equal(heard[0], audioUrl(A, 1));
    assert.equal(Math.abs(heard[1] - startsAt) <= 20, true, `${heard} for ${startsAt}`);
    assert.equal(heard[2], from);
    assert.equal(page.sounds.sounding.length <= 1, true);
  }
});

test("the sound of another document follows the last block as a block would", async () => {
  const page = await openPlayingPage({ count: 0, blockCount: 1, complete: true, pauseMs: () => 400 });
  page.sounds.silence = () => [50, 600];
  page.sounds.loadMs = 0;
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(0);
  const began = page.clock.now();
  const finished = [];
  page.player.addEventListener("finished", ({ detail }) => {
    finished.push([page.clock.now() - began, detail.place]);
  });
  page.player.sequel = { handle: { silence: [120, 0] } };
  await page.clock.tick(5_000);
  assert.equal(finished.length, 1);
  // 3,000 ms of sound, 600 of them silent; then 400 ms, 120 of them in the sound that follows.
  assert.equal(Math.abs(finished[0][0] - 2_680) <= 20, true, `${finished[0]}`);
  assert.deepEqual(finished[0][1], {});
  assert.equal(page.player.state, "ended");
});

test("where nothing follows, a document ends with its sound", async () => {
  const page = await openPlayingPage({ count: 0, blockCount: 1, complete: true, pauseMs: () => 400 });
  page.sounds.loadMs = 0;
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(0);
  let finished = 0;
  page.player.addEventListener("finished", () => (finished += 1));
  await page.clock.tick(2_900);
  assert.equal(finished, 0);
  await page.clock.tick(200);
  assert.equal(finished, 1);
});

test("what is prepared is at hand and silent, and begins at once where it is told to", async () => {
  const { openReadyPage } = await import("./stage/page.js");
  const page = await openReadyPage({ blockCount: 3 });
  page.sounds.loadMs = 0;
  const prepared = [];
  page.player.addEventListener("prepared", ({ detail }) => prepared.push(detail.sound.idx));
  page.player.prepare();
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(500);
  assert.equal(prepared[0], 0);
  assert.deepEqual(page.sounds.sounding, []);
  page.player.play({ place: { ms: 150 } });
  await page.clock.tick(0);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
  assert.equal(page.sounds.sounding[0].positionMs, 150);
});

test("news that comes when the next block's turn is overdue does not stop it", async () => {
  const page = await openPlayingPage({ pauseMs: () => 400 });
  await page.clock.tick(3_100);
  assert.deepEqual(page.sounds.sounding, []);
  page.clock.hold(600);
  page.server.socket.tell(cached(A, 3));
  await page.clock.tick(0);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});

test("a pause in the silence between two blocks goes on with the next one", async () => {
  const page = await openPlayingPage({ pauseMs: () => 1_000 });
  await page.clock.tick(3_200);
  assert.deepEqual(page.sounds.sounding, []);
  assert.equal(page.player.state, "playing");
  page.player.pause();
  await page.clock.tick(5_000);
  assert.equal(page.player.state, "paused");
  page.player.play();
  await page.clock.tick(0);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});

test("to seek back in the silence between two blocks is to hear the end again", async () => {
  const page = await openPlayingPage({ pauseMs: () => 1_000 });
  await page.clock.tick(3_200);
  page.player.seek(2_500);
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
  await page.clock.tick(2_000);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});

const passage = (from, to) => ({
  from: { idx: from[0], offset: from[1] },
  to: { idx: to[0], offset: to[1] },
});

test("a passage is played from its first word to its last, and no further", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks });
  page.player.playRange(passage([1, 4], [1, 14]));
  await page.clock.tick(10);
  assert.deepEqual([page.player.idx, page.player.positionMs >= 400], [1, true]);
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "playing");
  await page.clock.tick(200);
  assert.equal(page.player.state, "paused");
  assert.deepEqual(page.sounds.sounding, []);
  assert.equal(page.player.positionMs > 1_400 && page.player.positionMs < 1_500, true);
});

test("play after a passage goes on from there as ever", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks });
  page.player.playRange(passage([1, 4], [1, 8]));
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "paused");
  page.player.play();
  await page.clock.tick(1_000);
  assert.equal(page.player.positionMs > 1_500, true);
  await page.clock.tick(1_500);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
});

test("a passage goes over blocks, at any speed", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks, speed: 2 });
  page.player.playRange(passage([0, 15], [2, 8]));
  await page.clock.tick(100);
  assert.equal(page.player.idx, 0);
  await page.clock.tick(2_500);
  assert.deepEqual([page.player.idx, page.player.state], [2, "playing"]);
  await page.clock.tick(600);
  assert.deepEqual([page.player.idx, page.player.state], [2, "paused"]);
  assert.equal(page.player.positionMs < 900, true);
});

test("a passage of which no words are known is played in whole blocks", async () => {
  const page = await openPlayingPage();
  page.player.playRange(passage([0, 4], [1, 8]));
  await page.clock.tick(100);
  assert.equal(page.player.positionMs < 150, true);
  await page.clock.tick(3_000);
  assert.deepEqual([page.player.idx, page.player.state], [1, "playing"]);
  await page.clock.tick(4_000);
  assert.deepEqual([page.player.idx, page.player.state], [1, "paused"]);
  page.player.play();
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
});

test("the words of a passage may come while it plays", async () => {
  const page = await openPlayingPage({ loadMarks });
  page.player.playRange(passage([1, 0], [1, 8]));
  await page.clock.tick(300);
  page.server.socket.tell(cached(A, 1, { marks_url: "marks/a/1" }));
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "paused");
  assert.equal(page.player.positionMs < 900, true);
});

test("a step or a press elsewhere ends the passage, and what follows is read on", async () => {
  for (const step of [
    (player) => player.next(),
    (player) => player.seek(500),
    (player) => player.playFrom(1),
  ]) {
    const page = await openPlayingPage({ marks: true, loadMarks });
    page.player.playRange(passage([1, 4], [1, 8]));
    await page.clock.tick(100);
    step(page.player);
    await page.clock.tick(2_500);
    assert.equal(page.player.state, "playing");
  }
});
