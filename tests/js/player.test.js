import assert from "node:assert/strict";
import { test } from "node:test";

import { A, B, C, audioUrl, cached, failure, openReadyPage, ready, status } from "./stage/page.js";

const urls = (handles) => handles.map(({ url }) => url);

/** A page on which the first `count` blocks are cached in A and the first one plays. */
async function openPlayingPage({ count = 3, ...options } = {}) {
  const page = openReadyPage(options);
  page.player.play();
  for (let idx = 0; idx < count; idx++) {
    page.server.socket.tell(cached(A, idx, options.marks ? { marks_url: `marks/a/${idx}` } : {}));
  }
  await page.clock.tick(100);
  page.server.socket.takeSent();
  return page;
}

const answer = (page, voice) => page.server.socket.tell(ready(voice));

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
  answer(page, B);
  socket.tell(cached(B, 0));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(B, 0)]);
});

test("the preloaded next block of the old voice is never played", async () => {
  const page = await openPlayingPage();
  page.player.changeVoice(B);
  answer(page, B);
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
  answer(page, B);
  page.server.socket.tell(cached(B, 0));
  await page.clock.tick(100);
  assert.deepEqual(page.sounds.sounding, []);
  answer(page, A);
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
});

const WORDS_OF_A = [
  [0, 3, 0, 400],
  [4, 8, 400, 900],
  [10, 14, 900, 1_500],
  [15, 19, 1_500, 2_900],
];
const WORDS_OF_B = WORDS_OF_A.map(([start, end, from, to]) => [start, end, from / 2, to / 2]);
const twoSentences = () => [[0, 10], [10, 99]];
const loadMarks = async (url) => (url.startsWith("marks/a") ? WORDS_OF_A : WORDS_OF_B);

test("a new voice goes on at the sentence being spoken", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(B);
  answer(page, B);
  page.server.socket.tell(cached(B, 0, { marks_url: "marks/b/0" }));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 450);
});

test("a new voice begins the block again when it has no marks", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(B);
  answer(page, B);
  page.server.socket.tell(cached(B, 0));
  await page.clock.tick(20);
  assert.equal(page.player.positionMs, 0);
});

test("marks that do not come are not waited for long", async () => {
  const slowMarks = (url) => (url.startsWith("marks/a") ? loadMarks(url) : new Promise(() => {}));
  const page = await openPlayingPage({ marks: true, loadMarks: slowMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(B);
  answer(page, B);
  page.server.socket.tell(cached(B, 0, { marks_url: "marks/b/0" }));
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "loading");
  await page.clock.tick(1_000);
  assert.equal(page.player.state, "playing");
});

test("several changes of voice keep the sentence of the first", async () => {
  const page = await openPlayingPage({ marks: true, loadMarks, sentences: twoSentences });
  await page.clock.tick(1_600);
  page.player.changeVoice(C);
  page.player.changeVoice(B);
  answer(page, C);
  answer(page, B);
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

test("a failed block is told and passed over after a moment", async () => {
  const page = await openPlayingPage({ count: 1 });
  const failed = [];
  page.player.addEventListener("failed", ({ detail }) => failed.push(detail));
  page.server.socket.tell(status(A, 1, "error", { error: "too long", retryable: true }));
  page.server.socket.tell(cached(A, 2));
  await page.clock.tick(3_000);
  assert.equal(page.player.state, "failed");
  assert.deepEqual(failed, [{ idx: 1, message: "too long", retryable: true }]);
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
  await page.clock.tick(60_000);
  assert.equal(page.player.state, "failed");
  assert.equal(page.player.idx, 9);
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
  answer(page, A);
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

const savedBy = (page) =>
  page.server.socket.takeSent().filter(({ type }) => type === "save_position");

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
  page.player.leave();
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
  page.player.leave();
  assert.deepEqual(savedBy(page), []);
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
  answer(page, A);
  answer(page, A);
  page.server.socket.tell(cached(A, 2));
  await page.clock.tick(5_800);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
  for (const handle of page.sounds.handles) assert.equal(handle.disposals <= 1, true);
});

/** A page that can play what is being made, on which the first block is. */
async function openLivePage(options) {
  const page = openReadyPage(options);
  page.sounds.canStream = true;
  page.player.play();
  page.server.socket.tell(status(A, 0, "processing", { audio_url: "/live/0" }));
  await page.clock.tick(0);
  return page;
}

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

const WORDS = [[0, 3, 0, 500], [4, 8, 500, 1_000], [10, 13, 1_400, 2_000], [14, 17, 2_000, 2_900]];
const sentences = () => [[0, 10], [10, 17]];

test("to skip by seconds stays in the block, or goes over to its neighbours", async () => {
  const page = await openPlayingPage();
  await page.clock.tick(1_000);
  page.player.skip(1_000);
  assert.equal(Math.round(page.player.positionMs / 100), 21);
  page.player.skip(15_000);
  assert.equal(page.player.idx, 1);
  await page.clock.tick(500);
  page.player.skip(-1_000);
  assert.equal(page.player.idx, 0);
  await page.clock.tick(100);
  assert.equal(Math.round((page.player.positionMs - 100) / 100), 25);
  page.player.skip(-15_000);
  assert.equal(page.player.idx, 0);
  await page.clock.tick(100);
  assert.equal(page.player.positionMs < 300, true);
});

test("to skip by sentences goes by their first words", async () => {
  const page = await openPlayingPage({ loadMarks: async () => WORDS, marks: true, sentences });
  await page.clock.tick(400);
  page.player.nextSentence();
  assert.equal(page.player.positionMs, 1_400);
  page.player.previousSentence();
  assert.equal(page.player.positionMs, 0);
  page.player.seek(2_800);
  page.player.previousSentence();
  assert.equal(page.player.positionMs, 1_400);
  page.player.nextSentence();
  assert.equal(page.player.idx, 1);
  page.player.previousSentence();
  assert.equal(page.player.idx, 0);
});

test("without word times a sentence is skipped with its block", async () => {
  const page = await openPlayingPage();
  page.player.nextSentence();
  assert.equal(page.player.idx, 1);
  page.player.previousSentence();
  assert.equal(page.player.idx, 0);
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
  assert.equal(page.player.idx, 0);
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

test("to skip back by little over a beginning is to hear the end of the block before", async () => {
  const page = await openPlayingPage();
  page.player.next();
  await page.clock.tick(100);
  page.player.skip(-page.player.positionMs - 50);
  await page.clock.tick(10);
  assert.equal(page.player.idx, 0);
  assert.equal(page.player.positionMs > 2_500, true);
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
