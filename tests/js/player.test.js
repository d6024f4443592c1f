import assert from "node:assert/strict";
import { test } from "node:test";

import { A, audioUrl, cached, openReadyPage, ready, status } from "./stage/page.js";
import { openPlayingPage, urls } from "./stage/playing.js";

test("blocks play in order, skipped ones left out, until the last", async () => {
  const blocks = [
    { idx: 0, chars: 10 },
    { idx: 1, chars: 0, skipped: true },
    { idx: 2, chars: 10 },
  ];
  const page = await openPlayingPage({ blocks });
  assert.equal(page.player.state, "playing");
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
  await page.clock.tick(3_000);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
  await page.clock.tick(3_000);
  assert.equal(page.player.state, "ended");
  assert.deepEqual(page.sounds.undisposed, []);
  assert.deepEqual(page.session.wanted, []);
});

test("the next block is loaded early and starts in the task in which the other ends", async () => {
  const page = await openPlayingPage();
  assert.deepEqual(page.sounds.loads, [audioUrl(A, 0), audioUrl(A, 1)]);
  const [first, second] = page.sounds.handles;
  first.pause();
  first.dispatchEvent(new Event("ended"));
  assert.equal(second.isSounding, true);
});

test("a window of blocks from the cursor on is wanted", async () => {
  const page = await openPlayingPage();
  assert.deepEqual(page.session.wanted, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  page.player.next();
  assert.deepEqual(page.session.wanted, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a block that is not made yet is waited for", async () => {
  const page = openReadyPage();
  page.player.play();
  assert.equal(page.player.state, "waiting");
  page.server.socket.tell(status(A, 0, "processing", { audio_url: "/live/" }));
  await page.clock.tick(100);
  assert.equal(page.player.state, "waiting");
  page.server.socket.tell(cached(A, 0));
  assert.equal(page.player.state, "loading");
  await page.clock.tick(20);
  assert.equal(page.player.state, "playing");
});

test("a second cached that adds the marks starts nothing again", async () => {
  const loadMarks = async () => [[0, 4, 0, 500]];
  const page = await openPlayingPage({ loadMarks });
  page.server.socket.tell(cached(A, 0, { marks_url: "marks/a/0" }));
  await page.clock.tick(0);
  assert.deepEqual(page.player.marks, [[0, 4, 0, 500]]);
  assert.equal(page.player.positionMs > 0, true);
  assert.equal(page.sounds.handles.length, 2);
});

test("two quick steps never play two sounds", async () => {
  const page = await openPlayingPage({ count: 6 });
  page.player.next();
  page.player.next();
  assert.equal(page.sounds.sounding.length <= 1, true);
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
  page.player.previous();
  page.player.next();
  page.player.previous();
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
  assert.equal(page.sounds.undisposed.length, 2);
});

test("pause keeps the place and play goes on from it", async () => {
  const page = await openPlayingPage();
  await page.clock.tick(1_000);
  page.player.pause();
  const at = page.player.positionMs;
  await page.clock.tick(5_000);
  assert.deepEqual(page.sounds.sounding, []);
  assert.equal(page.player.positionMs, at);
  page.player.play();
  await page.clock.tick(0);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
  assert.equal(page.player.positionMs, at);
});

test("a pause before play was granted leaves silence", async () => {
  const page = await openPlayingPage();
  page.player.pause();
  page.player.play();
  page.player.pause();
  await page.clock.tick(0);
  assert.equal(page.player.state, "paused");
  assert.deepEqual(page.sounds.sounding, []);
});

test("a sound that begins although it was paused is paused again", async () => {
  const page = await openPlayingPage();
  page.player.pause();
  page.sounds.grantsLate = true;
  page.player.play();
  page.player.pause();
  await page.clock.tick(0);
  assert.deepEqual(page.sounds.sounding, []);
});

test("a refused play asks for a gesture, and the gesture plays", async () => {
  const page = openReadyPage();
  page.sounds.refusesPlay = true;
  page.player.play();
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(100);
  assert.equal(page.player.state, "needs-gesture");
  assert.equal(page.player.wantsSound, false);
  page.server.socket.tell(status(A, 1, "processing"));
  assert.equal(page.player.state, "needs-gesture");
  page.sounds.refusesPlay = false;
  page.player.play();
  await page.clock.tick(0);
  assert.equal(page.player.state, "playing");
});

test("speed holds for the blocks that follow and stays within its bounds", async () => {
  const page = await openPlayingPage();
  page.player.speed = 2;
  assert.equal(page.sounds.handles[0].rate, 2);
  await page.clock.tick(3_000);
  assert.equal(page.sounds.sounding[0].rate, 2);
  page.player.speed = 9;
  assert.equal(page.player.speed, 3);
  page.player.speed = 0;
  assert.equal(page.player.speed, 0.5);
});

test("seeking stays within the block", async () => {
  const page = await openPlayingPage();
  page.player.seek(2_000);
  assert.equal(page.player.positionMs, 2_000);
  page.player.seek(-5);
  assert.equal(page.player.positionMs, 0);
});

test("at the end of an unfinished import the player waits for more", async () => {
  const page = await openPlayingPage({ blockCount: 1, count: 1, complete: false });
  await page.clock.tick(3_000);
  assert.equal(page.player.state, "waiting");
  page.server.socket.tell(ready(A, { block_count: 2 }));
  page.playlist.add([{ idx: 1, chars: 10 }]);
  page.server.socket.tell(cached(A, 1));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});

test("play before the first block is there begins with it", async () => {
  const page = openReadyPage({ blocks: [], complete: false });
  page.player.play();
  assert.equal(page.player.state, "waiting");
  assert.equal(page.player.wantsSound, true);
  page.playlist.add([{ idx: 0, chars: 10 }]);
  page.server.socket.tell(ready(A, { block_count: 1 }));
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(100);
  assert.equal(page.player.state, "playing");
});

test("play before the first block is there can be taken back", async () => {
  const page = openReadyPage({ blocks: [], complete: false });
  page.player.play();
  page.player.pause();
  page.playlist.add([{ idx: 0, chars: 10 }]);
  await page.clock.tick(100);
  assert.equal(page.player.state, "paused");
  assert.deepEqual(page.sounds.loads, []);
});

test("blocks made anew stop the sound", async () => {
  const page = await openPlayingPage();
  page.server.socket.tell(ready(A, { revision: 2 }));
  assert.equal(page.player.state, "idle");
  assert.deepEqual(page.sounds.undisposed, []);
});

test("play after the end begins at the beginning", async () => {
  const page = await openPlayingPage({ blockCount: 1, count: 1 });
  await page.clock.tick(3_000);
  assert.equal(page.player.state, "ended");
  page.player.play();
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
});

test("a reconnect does not disturb the sound that plays", async () => {
  const page = await openPlayingPage();
  page.server.socket.drop();
  await page.clock.tick(300);
  page.server.socket.open();
  page.server.socket.tell(ready(A));
  page.server.socket.tell(ready(A));
  page.server.socket.tell(cached(A, 2));
  await page.clock.tick(5_800);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
  for (const handle of page.sounds.handles) assert.equal(handle.disposals <= 1, true);
});

test("paused at the end of what has come, it goes on when more has", async () => {
  const blocks = [{ idx: 0, chars: 10 }];
  const page = await openPlayingPage({ blocks, complete: false, count: 1 });
  await page.clock.tick(3_500);
  assert.equal(page.player.state, "waiting");
  page.player.pause();
  const saved = page.server.socket.takeSent().filter(({ type }) => type === "save_position");
  assert.equal(saved.at(-1).offset_ms > 0, true);
  page.playlist.add([{ idx: 1, chars: 10 }]);
  page.playlist.complete = true;
  page.player.play();
  page.server.socket.tell(cached(A, 1));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});
