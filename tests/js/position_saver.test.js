import assert from "node:assert/strict";
import { test } from "node:test";

import { A, audioUrl, cached, openReadyPage } from "./stage/page.js";
import { openPlayingPage, savedBy, urls } from "./stage/playing.js";

test("the place is resumed, saved while playing and saved at a pause", async () => {
  const page = openReadyPage({ position: { block_idx: 4, offset_ms: 1_000 } });
  assert.equal(page.player.idx, 4);
  page.player.play();
  page.server.socket.tell(cached(A, 4));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 1_000);
  page.server.socket.takeSent();
  await page.clock.tick(500);
  page.player.pause();
  assert.deepEqual(page.server.socket.takeSent().at(-1), {
    type: "save_position",
    block_idx: 4,
    offset_ms: 1_500,
    playing: false,
  });
});

test("the place is saved at each change of block, and every five seconds in between", async () => {
  const page = await openPlayingPage({ count: 9 });
  savedBy(page);
  await page.clock.tick(20_000);
  const saved = savedBy(page);
  const blocks = saved.map(({ block_idx: idx }) => idx);
  assert.deepEqual([...new Set(blocks)], [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(saved.length <= 13, true, `${saved.length} of them`);
  assert.equal(saved.every(({ playing }) => playing), true);
});

test("a place that changes quickly is saved twice a second, the last one for certain", async () => {
  const page = openReadyPage();
  for (let n = 0; n < 12; n++) {
    page.player.next();
    await page.clock.tick(100);
  }
  await page.clock.tick(500);
  const saved = savedBy(page);
  assert.equal(saved.length <= 5, true, `${saved.length} of them`);
  assert.deepEqual(saved.at(-1), {
    type: "save_position",
    block_idx: page.player.idx,
    offset_ms: 0,
    playing: false,
  });
});

test("a press says at once that this page plays, and the place is the one pressed", async () => {
  const page = openReadyPage();
  let claims = 0;
  page.player.addEventListener("claim", () => (claims += 1));
  page.player.playFrom(3, { offset: 12 });
  await page.clock.tick(0);
  assert.deepEqual(savedBy(page), [
    { type: "save_position", block_idx: 3, offset_ms: 0, playing: true },
  ]);
  page.server.socket.tell(cached(A, 3));
  await page.clock.tick(2_000);
  assert.equal(claims, 1);
});

test("a page that plays by itself says so only when it sounds", async () => {
  const page = openReadyPage();
  page.sounds.refusesPlay = true;
  page.player.play({ isAsked: false });
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "needs-gesture");
  assert.equal(savedBy(page).some(({ playing }) => playing), false);
  page.sounds.refusesPlay = false;
  page.player.play();
  await page.clock.tick(1_000);
  assert.equal(savedBy(page).at(-1).playing, true);
});

test("a page that follows is silent, saves nothing and wants nothing", async () => {
  const page = await openPlayingPage({ count: 9 });
  page.player.follow(7, 1_200);
  await page.clock.tick(0);
  page.server.socket.takeSent();
  const places = [];
  page.player.addEventListener("block", ({ detail }) => places.push(detail.idx));
  page.player.follow(8, 300);
  await page.clock.tick(10_000);
  page.player.pause();
  assert.deepEqual(page.server.socket.takeSent(), []);
  assert.deepEqual(page.sounds.sounding, []);
  assert.deepEqual(page.sounds.undisposed, []);
  assert.deepEqual([page.player.idx, page.player.positionMs, places], [8, 300, [8]]);
  page.player.play();
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 8)]);
  assert.equal(page.player.positionMs >= 300, true);
});

test("a page that has long been silent overwrites nothing when it is left", async () => {
  const page = await openPlayingPage({ count: 3 });
  page.player.pause();
  await page.clock.tick(10_000);
  savedBy(page);
  page.player.pause();
  assert.deepEqual(savedBy(page), []);
});
