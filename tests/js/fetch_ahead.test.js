import assert from "node:assert/strict";
import { test } from "node:test";

import {
  A,
  B,
  audioUrl,
  cached,
  openReadyPage,
  ready,
  setVoice,
  status,
  synthesize,
} from "./stage/page.js";
import { urls } from "./stage/playing.js";

/** Open a page whose first block is made already, and be told where its sound is. */
function openPageWithSound(options) {
  const page = openReadyPage(options);
  page.server.socket.tell(ready(A, { cached: [[0, 3]] }));
  const asked = page.server.socket.takeSent();
  page.server.socket.tell(cached(A, 0));
  return { ...page, asked };
}

test("the sound to begin with is at hand before play is pressed, if it is made already", async () => {
  const page = openPageWithSound();
  assert.deepEqual(page.asked, [synthesize([0])]);
  await page.clock.tick(50);
  assert.deepEqual(page.sounds.loads, [audioUrl(A, 0)]);
  assert.equal(page.player.state, "idle");
  page.player.play();
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
  assert.deepEqual(page.sounds.loads, [audioUrl(A, 0)]);
});

test("it is wanted no longer than until its address is told", async () => {
  const page = openPageWithSound();
  await page.clock.tick(200);
  assert.deepEqual(page.session.wanted, []);
  assert.deepEqual(page.server.socket.takeSent(), [{ type: "cancel" }]);
});

test("a sound that is made again takes the place of the one at hand", async () => {
  const page = openPageWithSound();
  await page.clock.tick(50);
  const again = { audio_url: audioUrl(A, 0, 5) };
  page.server.socket.tell(cached(A, 0, again));
  await page.clock.tick(50);
  page.player.play();
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0, 5)]);
  assert.equal(page.sounds.undisposed.length, 1);
});

test("a sound that is gone is at hand no more", async () => {
  const page = openPageWithSound();
  await page.clock.tick(50);
  page.server.socket.tell(status(A, 0, "queued"));
  assert.deepEqual(page.sounds.undisposed, []);
  await page.clock.tick(200);
  assert.deepEqual(page.session.wanted, []);
});

test("nothing is wanted before play is pressed of what is not made", async () => {
  const page = openReadyPage();
  page.server.socket.tell(ready(A, { cached: [[1, 3]] }));
  await page.clock.tick(50);
  assert.deepEqual(page.server.socket.takeSent(), []);
  assert.deepEqual(page.sounds.loads, []);
});

test("what was fetched ahead goes with its voice", async () => {
  const page = openPageWithSound();
  await page.clock.tick(50);
  page.player.changeVoice(B);
  assert.deepEqual(page.sounds.undisposed, []);
  assert.deepEqual(page.server.socket.takeSent().at(0), setVoice(B));
  page.player.play();
  assert.deepEqual(page.sounds.sounding, []);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0));
  await page.clock.tick(50);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(B, 0)]);
});

test("what has not come when play is pressed is fetched anew, for an element of the gesture", async () => {
  const page = openPageWithSound();
  page.player.play();
  await page.clock.tick(50);
  assert.deepEqual(page.sounds.loads.slice(0, 2), [audioUrl(A, 0), audioUrl(A, 0)]);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
  page.player.pause();
  assert.deepEqual(urls(page.sounds.undisposed.filter(({ url }) => url === audioUrl(A, 0))), [
    audioUrl(A, 0),
  ]);
});

test("another block than the one at hand is played from its own sound", async () => {
  const page = openPageWithSound();
  await page.clock.tick(50);
  page.player.playFrom(2);
  page.server.socket.tell(cached(A, 2));
  await page.clock.tick(50);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
  assert.deepEqual(urls(page.sounds.undisposed).includes(audioUrl(A, 0)), false);
});

test("a place that another page moved to is at hand no more", async () => {
  const page = openPageWithSound();
  await page.clock.tick(50);
  page.player.follow(3, 0);
  assert.deepEqual(page.sounds.undisposed, []);
});
