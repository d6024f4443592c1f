import assert from "node:assert/strict";
import { test } from "node:test";

import { SleepTimer } from "../../static/js/player/sleep_timer.js";
import { A, cached, openReadyPage } from "./stage/page.js";

const CHAPTERS = ["one", "one", "two", "two"];
const MINUTE = 60_000;

async function openTimedPage(options) {
  const page = openReadyPage(options);
  page.sounds.durationMs = () => 40_000;
  page.player.play();
  for (let idx = 0; idx < 4; idx++) page.server.socket.tell(cached(A, idx, { duration_ms: 40_000 }));
  await page.clock.tick(100);
  const timer = new SleepTimer({
    player: page.player,
    volume: page.volume,
    chapterOf: (idx) => CHAPTERS[idx],
    clock: page.clock,
  });
  return { ...page, timer };
}

test("it stops after so many minutes, and grows quieter before", async () => {
  const { player, volume, timer, clock, sounds } = await openTimedPage();
  volume.level = 0.8;
  timer.choice = 1;
  await clock.tick(MINUTE - 9_000);
  assert.equal(volume.fade, 1);
  assert.equal(Math.round(timer.leftMs / 1000), 9);
  await clock.tick(5_000);
  assert.equal(Math.abs(volume.fade - 0.5) < 0.1, true);
  assert.equal(sounds.sounding[0].volume, volume.fade * volume.level);
  await clock.tick(4_100);
  assert.equal(player.state, "paused");
  assert.deepEqual(sounds.sounding, []);
  assert.equal(timer.choice, null);
  assert.equal(volume.fade, 1);
  player.play();
  await clock.tick(20_000);
  assert.equal(player.state, "playing");
});

test("it stops where the chapter ends", async () => {
  const { player, timer, clock } = await openTimedPage();
  timer.choice = "chapter";
  await clock.tick(45_000);
  assert.deepEqual([player.idx, player.state], [1, "playing"]);
  await clock.tick(40_000);
  assert.deepEqual([player.idx, player.state], [2, "paused"]);
  assert.equal(timer.choice, null);
});

test("who goes to another chapter hears that one to its end", async () => {
  const { player, timer, clock } = await openTimedPage();
  timer.choice = "chapter";
  player.goTo(2);
  await clock.tick(1_000);
  assert.deepEqual([player.idx, player.state, timer.choice], [2, "playing", "chapter"]);
  player.previous();
  await clock.tick(45_000);
  assert.deepEqual([player.idx, player.state], [2, "paused"]);
  assert.equal(timer.choice, null);
});

test("the last chapter ends with the document", async () => {
  const { player, timer, clock, playlist } = await openTimedPage({ blockCount: 4 });
  playlist.complete = true;
  timer.choice = "chapter";
  player.goTo(3);
  await clock.tick(45_000);
  assert.deepEqual([player.state, timer.choice], ["ended", null]);
});

test("what was chosen can be put off and taken back", async () => {
  const { player, volume, timer, clock } = await openTimedPage();
  timer.choice = 1;
  await clock.tick(55_000);
  timer.choice = 5;
  assert.equal(volume.fade, 1);
  await clock.tick(10_000);
  assert.equal(player.state, "playing");
  timer.choice = null;
  assert.equal(timer.leftMs, null);
  await clock.tick(10 * MINUTE);
  assert.notEqual(player.state, "paused");
});

test("who pauses just after a chapter's end and plays on hears the next one", async () => {
  const { player, timer, clock } = await openTimedPage({ pauseMs: () => 2_000 });
  timer.choice = "chapter";
  player.goTo(1);
  await clock.tick(41_000);
  assert.equal(player.idx, 1);
  player.pause();
  await clock.tick(1_000);
  player.play();
  await clock.tick(500);
  assert.deepEqual([player.idx, player.state, timer.choice], [2, "playing", "chapter"]);
});
