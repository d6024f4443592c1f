import assert from "node:assert/strict";
import { test } from "node:test";

import { A, audioUrl, B, cached, openReadyPage, ready, status } from "./stage/page.js";
import { openLivePage, urls } from "./stage/playing.js";
import { loadMarks, twoSentences, WORDS } from "./stage/words.js";

test("a block plays while it is being made, and its end is told by the server", async () => {
  const page = await openLivePage();
  const [live] = page.sounds.lives;
  assert.deepEqual(live.reads, ["/live/0"]);
  assert.equal(page.player.state, "waiting");
  live.becomeReady();
  await page.clock.tick(0);
  assert.equal(page.player.state, "playing");
  assert.deepEqual(live.wholes, []);
  page.server.socket.tell(cached(A, 0, { audio_url: "/live/0" }));
  assert.deepEqual(live.wholes, [["/live/0", 9_000]]);
  assert.equal(page.sounds.handles.length, 1);
  page.server.socket.tell(cached(A, 1));
  await page.clock.tick(50);
  live.end();
  await page.clock.tick(0);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 1)]);
});

test("another attempt goes on in the same sound", async () => {
  const page = await openLivePage();
  const [live] = page.sounds.lives;
  live.becomeReady();
  page.server.socket.tell(status(A, 0, "queued", { error: "The line broke." }));
  page.server.socket.tell(status(A, 0, "processing", { audio_url: "/live/0/again" }));
  assert.deepEqual(live.reads, ["/live/0", "/live/0/again"]);
  assert.equal(live.disposals, 0);
  assert.equal(page.sounds.lives.length, 1);
});

test("a sound that runs dry is waited for, and goes on by itself", async () => {
  const page = await openLivePage();
  const [live] = page.sounds.lives;
  live.becomeReady();
  await page.clock.tick(0);
  live.stall(true);
  assert.equal(page.player.state, "waiting");
  live.stall(false);
  assert.equal(page.player.state, "playing");
  page.player.pause();
  live.stall(true);
  live.stall(false);
  assert.equal(page.player.state, "paused");
});

test("no more than two live sounds are open at once", async () => {
  const page = await openLivePage();
  page.sounds.lives[0].becomeReady();
  for (let idx = 1; idx < 6; idx++) {
    page.server.socket.tell(status(A, idx, "processing", { audio_url: `/live/${idx}` }));
  }
  await page.clock.tick(100);
  assert.equal(page.sounds.undisposed.length, 2);
  page.player.next();
  page.player.next();
  await page.clock.tick(100);
  assert.equal(page.sounds.undisposed.length <= 2, true);
  assert.deepEqual(page.sounds.lives.at(-1).reads.length, 1);
});

test("a press on a word of a block whose words are not known yet silences the old place", async () => {
  const page = await openLivePage({ loadMarks: async () => WORDS });
  const [live] = page.sounds.lives;
  live.becomeReady();
  await page.clock.tick(500);
  page.player.playFrom(0, { offset: 10 });
  assert.deepEqual(page.sounds.sounding, []);
  page.server.socket.tell(cached(A, 0, { audio_url: "/live/0", marks_url: "/marks/0" }));
  await page.clock.tick(0);
  assert.deepEqual(page.sounds.sounding, [live]);
  assert.equal(live.positionMs, 1_400);
});

test("a press on a word whose time is not known begins at about its sentence", async () => {
  const page = openReadyPage();
  page.player.playFrom(0, { offset: 90, share: 0.5 });
  page.server.socket.tell(cached(A, 0, { duration_ms: 3_000 }));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 1_500);
  // Its times may be on their way: they are waited for, but not for long.
  const late = openReadyPage({ loadMarks: () => new Promise(() => {}) });
  late.player.playFrom(0, { offset: 90, share: 0.5 });
  late.server.socket.tell(cached(A, 0, { duration_ms: 3_000, marks_url: "/marks/0" }));
  await late.clock.tick(1_000);
  assert.deepEqual(late.sounds.sounding, []);
  await late.clock.tick(600);
  assert.equal(late.player.positionMs >= 1_500, true);
});
test("the words that were spoken so far are lit before the sound is whole, not sought by", async () => {
  const page = await openLivePage({ loadMarks: async () => WORDS });
  const [live] = page.sounds.lives;
  live.becomeReady();
  await page.clock.tick(0);
  const tell = (content) => page.server.socket.tell(status(A, 0, "processing", content));
  tell({ audio_url: "/live/0", marks: WORDS.slice(0, 2) });
  assert.deepEqual(page.player.litMarks, WORDS.slice(0, 2));
  assert.equal(page.player.marks, null);
  tell({ audio_url: "/live/0", marks: WORDS.slice(0, 1) });
  assert.deepEqual(page.player.litMarks, WORDS.slice(0, 2));
  // A new attempt is a sound of its own: the times of the one before are not of it.
  tell({ audio_url: "/live/0b" });
  assert.equal(page.player.litMarks, null);
  tell({ audio_url: "/live/0b", marks: WORDS.slice(0, 1) });
  assert.deepEqual(page.player.litMarks, WORDS.slice(0, 1));
  page.server.socket.tell(cached(A, 0, { audio_url: "/live/0b", marks_url: "/marks/0" }));
  await page.clock.tick(0);
  assert.deepEqual(page.player.litMarks, WORDS);
  assert.deepEqual(page.player.marks, WORDS);
});

test("a new voice goes on at the sentence that is spoken while it is being made", async () => {
  const page = await openLivePage({ loadMarks, sentences: twoSentences });
  const [live] = page.sounds.lives;
  live.becomeReady();
  const marks = await loadMarks("marks/a/0");
  page.server.socket.tell(status(A, 0, "processing", { audio_url: "/live/0", marks }));
  await page.clock.tick(1_600);
  assert.equal(page.player.startsAt, null);
  page.player.changeVoice(B);
  assert.equal(page.player.startsAt, 10);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0, { marks_url: "marks/b/0" }));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 450);
  assert.equal(page.player.startsAt, null);
});

test("no word is lit while a block waits for the time of the one to begin at", async () => {
  const page = await openLivePage({ loadMarks: async () => WORDS });
  page.player.playFrom(0, { offset: WORDS.at(-1)[0] });
  page.server.socket.tell(
    status(A, 0, "processing", { audio_url: "/live/0", marks: WORDS.slice(0, 2) }),
  );
  await page.clock.tick(0);
  assert.equal(page.player.litMarks, null);
});
