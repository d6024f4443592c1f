import assert from "node:assert/strict";
import { test } from "node:test";

import { A, audioUrl, cached, openReadyPage, ready, status } from "./stage/page.js";
import { openLivePage, openPlayingPage, urls } from "./stage/playing.js";

test("a failed block is told and passed over after a moment", async () => {
  const page = await openPlayingPage({ count: 1 });
  const failed = [];
  page.player.addEventListener("failed", ({ detail }) => failed.push(detail));
  page.server.socket.tell(status(A, 1, "error", { error: "too long", retryable: true }));
  page.server.socket.tell(cached(A, 2));
  await page.clock.tick(3_000);
  assert.equal(page.player.state, "failed");
  assert.deepEqual(failed, [{ idx: 1, message: "too long", retryable: true, goesOn: true }]);
  await page.clock.tick(1_600);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
});

test("a failed block that is played again is asked for again", async () => {
  const page = await openPlayingPage({ count: 1 });
  page.server.socket.tell(status(A, 5, "error", { error: "no" }));
  page.player.playFrom(5);
  assert.equal(page.server.socket.takeSent()[0].retry, true);
  assert.equal(page.player.state, "waiting");
  page.server.socket.tell(cached(A, 5));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 5)]);
});

test("a document of failures is not run through to its end", async () => {
  const page = openReadyPage();
  for (let idx = 0; idx < 20; idx++) page.server.socket.tell(status(A, idx, "error"));
  page.player.play();
  const told = [];
  page.player.addEventListener("failed", ({ detail }) => told.push(detail.goesOn));
  await page.clock.tick(60_000);
  assert.equal(page.player.state, "failed");
  assert.equal(page.player.idx, 9);
  assert.deepEqual(told, [...Array(8).fill(true), false]); // The first one came before.
});

test("who plays another block while a failure is told is not told of it again", async () => {
  const page = openReadyPage();
  for (let idx = 0; idx < 20; idx++) page.server.socket.tell(status(A, idx, "error"));
  page.player.play();
  await page.clock.tick(60_000);
  const told = [];
  page.player.addEventListener("failed", ({ detail }) => told.push(detail.idx));
  page.player.playFrom(15);
  await page.clock.tick(10);
  assert.deepEqual(told, []);
});

test("who presses play after a row of failures is heard", async () => {
  const page = openReadyPage();
  for (let idx = 0; idx < 20; idx++) page.server.socket.tell(status(A, idx, "error"));
  page.player.play();
  await page.clock.tick(60_000);
  page.server.socket.tell(cached(A, 9));
  page.player.play();
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 9)]);
});

test("a sound that cannot be fetched is tried again, then passed over", async () => {
  const page = openReadyPage();
  page.sounds.trouble = (url) => (url === audioUrl(A, 0) ? new TypeError("network") : null);
  page.player.play();
  page.server.socket.tell(cached(A, 0));
  page.server.socket.tell(cached(A, 1));
  await page.clock.tick(11_000);
  assert.equal(page.player.state, "loading");
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "failed");
  assert.equal(page.sounds.loads.length, 6);
  await page.clock.tick(1_600);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});

test("a sound that is gone is asked for anew and fetched where it is now", async () => {
  const page = openReadyPage();
  const gone = Object.assign(new Error("gone"), { status: 404 });
  page.sounds.trouble = (url) => (url === audioUrl(A, 0) ? gone : null);
  page.player.play();
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(700);
  assert.equal(page.player.state, "waiting");
  page.server.socket.tell(ready(A));
  page.server.socket.tell(cached(A, 0, { audio_url: audioUrl(A, 0, 3) }));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0, 3)]);
});

test("a sound that breaks off is passed over", async () => {
  const page = await openPlayingPage();
  page.sounds.handles[0].break();
  assert.equal(page.player.state, "failed");
  await page.clock.tick(1_600);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});

test("a stored sound that cannot be played is reported once, so that it is looked at", async () => {
  const page = await openPlayingPage();
  page.server.socket.takeSent();
  page.sounds.handles[0].break();
  await page.clock.tick(0);
  const [report] = page.server.socket.takeSent().filter(({ type }) => type === "synthesize");
  assert.equal(report.retry, true);
  assert.equal(report.block_indices.includes(0), true);
});

test("a live block that fails for good is told, and the next one follows", async () => {
  const page = await openLivePage();
  page.sounds.lives[0].becomeReady();
  await page.clock.tick(0);
  page.server.socket.tell(status(A, 0, "error", { error: "No such voice.", retryable: false }));
  assert.equal(page.player.state, "failed");
  assert.equal(page.sounds.lives[0].disposals > 0, true);
  await page.clock.tick(1_500);
  assert.equal(page.player.idx, 1);
});

test("a live block that failed while it was paused is told at the next play", async () => {
  const page = await openLivePage();
  const [live] = page.sounds.lives;
  live.becomeReady();
  await page.clock.tick(500);
  page.player.pause();
  page.server.socket.tell(status(A, 0, "error", { error: "No such voice.", retryable: false }));
  assert.equal(live.isStopped, true);
  page.player.play();
  await page.clock.tick(0);
  assert.equal(page.player.state, "failed");
});

test("a sound that fails in the middle is gone on with from there", async () => {
  const page = await openPlayingPage();
  await page.clock.tick(1_000);
  const [first] = page.sounds.handles;
  const at = page.player.positionMs;
  first.break();
  await page.clock.tick(0);
  page.server.socket.takeSent();
  assert.equal(page.player.state, "failed");
  assert.equal(page.player.positionMs >= at, true);
  page.player.retry(0);
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(100);
  assert.equal(page.player.positionMs >= at, true);
});
