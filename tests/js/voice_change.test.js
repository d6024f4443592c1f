import assert from "node:assert/strict";
import { test } from "node:test";

import { A, B, C, audioUrl, cached, failure, openReadyPage, ready, setVoice } from "./stage/page.js";
import { openLivePage, openPlayingPage, urls } from "./stage/playing.js";
import { loadMarks, twoSentences } from "./stage/words.js";

test("a change of voice is silent before anything is sent", async () => {
  const page = await openPlayingPage();
  const { socket } = page.server;
  let soundingAtSend = null;
  const send = socket.send.bind(socket);
  socket.send = (text) => {
    soundingAtSend ??= [page.sounds.sounding.length, page.sounds.undisposed.length];
    send(text);
  };
  page.player.changeVoice(B);
  assert.deepEqual(soundingAtSend, [0, 0]);
  assert.equal(page.player.state, "waiting");
  socket.tell(cached(A, 0));
  page.server.socket.tell(ready(B));
  socket.tell(cached(B, 0));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(B, 0)]);
});

test("the preloaded next block of the old voice is never played", async () => {
  const page = await openPlayingPage();
  page.player.changeVoice(B);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0));
  page.server.socket.tell(cached(B, 1));
  await page.clock.tick(3_200);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(B, 1)]);
});

test("a sound that arrives after the change of voice is disposed of unheard", async () => {
  const page = openReadyPage();
  page.sounds.ignoresAbort = true;
  page.player.play();
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(10);
  page.player.changeVoice(B);
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.handles), [audioUrl(A, 0)]);
  assert.deepEqual(page.sounds.undisposed, []);
  assert.equal(page.player.state, "waiting");
});

test("a play granted after the change of voice changes nothing", async () => {
  const page = await openPlayingPage();
  page.player.pause();
  page.player.play();
  page.player.changeVoice(B);
  await page.clock.tick(0);
  assert.equal(page.player.state, "waiting");
  assert.deepEqual(page.sounds.sounding, []);
});

test("a play refused after the change of voice changes nothing", async () => {
  const page = await openPlayingPage();
  page.player.pause();
  page.sounds.refusesPlay = true;
  page.player.play();
  page.player.changeVoice(B);
  await page.clock.tick(0);
  assert.equal(page.player.state, "waiting");
});

test("the end of a sound of the old voice moves nothing", async () => {
  const page = await openPlayingPage();
  const [old] = page.sounds.handles;
  page.player.changeVoice(B);
  old.dispatchEvent(new Event("ended"));
  old.dispatchEvent(new Event("error"));
  assert.deepEqual([page.player.idx, page.player.state], [0, "waiting"]);
});

test("there and back again the block starts in the voice chosen last", async () => {
  const page = await openPlayingPage();
  page.player.changeVoice(B);
  page.player.changeVoice(A);
  page.server.socket.tell(cached(A, 0));
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0));
  await page.clock.tick(100);
  assert.deepEqual(page.sounds.sounding, []);
  page.server.socket.tell(ready(A));
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
});

test("a new voice goes on at the sentence being spoken", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(B);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0, { marks_url: "marks/b/0" }));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 450);
});

test("a new voice that has no marks goes on at about the sentence being spoken", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(B);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0));
  await page.clock.tick(20);
  assert.equal(Math.round(page.player.positionMs), 303); // 10 of 99 characters, of 3 s
});

test("a new voice begins the block again when its sentences are not known", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks });
  await page.clock.tick(1_600);
  page.player.changeVoice(B);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 0);
});

test("marks that do not come are not waited for long", async () => {
  const slowMarks = (url) => (url.startsWith("marks/a") ? loadMarks(url) : new Promise(() => {}));
  const page = await openPlayingPage({ marks: true, loadMarks: slowMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(B);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0, { marks_url: "marks/b/0" }));
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "loading");
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "playing");
  assert.equal(page.player.positionMs > 303 + 500 - 50, true, `${page.player.positionMs}`);
});

test("several changes of voice keep the sentence of the first", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(C);
  page.player.changeVoice(B);
  page.server.socket.tell(ready(C));
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0, { marks_url: "marks/b/0" }));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 450);
});

test("a voice that the server puts in its place silences the other", async () => {
  const page = await openPlayingPage();
  page.server.socket.tell(failure("unknown_voice", { block_indices: [0] }));
  page.server.socket.tell(ready(B));
  assert.deepEqual(page.sounds.sounding, []);
  page.server.socket.tell(cached(B, 0));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(B, 0)]);
});

test("a change of voice ends a live sound before anything is sent", async () => {
  const page = await openLivePage();
  const [live] = page.sounds.lives;
  live.becomeReady();
  await page.clock.tick(0);
  page.player.changeVoice(B);
  assert.equal(live.disposals > 0, true);
  assert.deepEqual(page.sounds.sounding, []);
  page.server.socket.tell(cached(A, 0, { audio_url: "/live/0" }));
  assert.deepEqual(live.wholes, []);
});

test("a live sound that cannot be heard yet ends with its voice", async () => {
  const page = await openLivePage();
  page.player.changeVoice(B);
  assert.equal(page.sounds.lives[0].disposals > 0, true);
});

test("a change of voice in the pause between two blocks plays nothing of the old one", async () => {
  const page = await openPlayingPage({ pauseMs: () => 1_000 });
  await page.clock.tick(3_200);
  page.player.changeVoice(B);
  await page.clock.tick(5_000);
  assert.deepEqual(page.sounds.sounding, []);
  assert.equal(page.player.idx, 1);
});

const inThePause = async (options) => {
  const page = await openPlayingPage({
    marks: true,
    loadMarks,
    sentences: twoSentences,
    pauseMs: () => 1_000,
    ...options,
  });
  await page.clock.tick(3_200);
  return page;
};

test("what has been heard is not heard again in a new voice", async () => {
  const page = await inThePause();
  page.player.changeVoice(B);
  const sent = page.server.socket.takeSent().filter(({ type }) => type !== "save_position");
  assert.deepEqual(sent[0], setVoice(B));
  assert.equal(sent[1].block_indices[0], 1);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 0));
  page.server.socket.tell(cached(B, 1));
  await page.clock.tick(20);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(B, 1)]);
  assert.equal(page.player.positionMs, 0);
});

test("what has been heard is not heard again in a voice that the server chose", async () => {
  const page = await inThePause();
  page.server.socket.tell(failure("unknown_voice", { block_indices: [0] }));
  page.server.socket.tell(ready(B));
  assert.deepEqual([page.player.idx, page.player.state], [1, "waiting"]);
});

test("a new voice chosen after a block, while it is paused, begins with the next one", async () => {
  const page = await inThePause();
  page.player.pause();
  page.player.changeVoice(B);
  assert.deepEqual([page.player.idx, page.player.state], [1, "paused"]);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 1));
  await page.clock.tick(100);
  assert.deepEqual(page.sounds.sounding, []);
  page.player.play();
  await page.clock.tick(20);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(B, 1)]);
});

test("a passage that ended with its block stays ended in a new voice", async () => {
  const page = await inThePause();
  page.player.playRange({ from: { idx: 1, offset: 0 }, to: { idx: 1, offset: 0 } });
  await page.clock.tick(5_000);
  assert.equal(page.player.state, "paused");
  page.player.changeVoice(B);
  page.server.socket.tell(ready(B));
  page.server.socket.tell(cached(B, 2));
  await page.clock.tick(100);
  assert.deepEqual([page.player.wantsSound, page.sounds.sounding.length], [false, 0]);
});

test("a new voice has nothing to read where the document has ended", async () => {
  const page = await openPlayingPage({ blockCount: 1, count: 1, pauseMs: () => 1_000 });
  await page.clock.tick(3_200);
  page.player.changeVoice(B);
  assert.deepEqual([page.player.idx, page.player.state], [0, "ended"]);
});

test("a document that is another one by then is not gone on with", async () => {
  const page = await inThePause();
  page.server.socket.tell(failure("unknown_voice", { block_indices: [0] }));
  page.server.socket.tell(ready(B, { revision: 2 }));
  assert.deepEqual([page.player.idx, page.player.state], [0, "idle"]);
});
