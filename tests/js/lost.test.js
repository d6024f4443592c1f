import assert from "node:assert/strict";
import { test } from "node:test";

import { StatusLine } from "../../static/js/notices/status.js";
import { A, audioUrl, cached, openReadyPage, ready, status } from "./stage/page.js";
import { openLivePage, openPlayingPage, urls } from "./stage/playing.js";

const HOUR = 3_600_000;
const status4xx = (code) => Object.assign(new Error("not yours"), { status: code });

/** Open a page that plays its first block, on which no further sound can be fetched. */
async function openCutPage(trouble = new TypeError("network"), options = {}) {
  const page = await openPlayingPage({ count: 3, ...options });
  const failed = [];
  page.sounds.trouble = () => trouble;
  page.player.addEventListener("failed", ({ detail }) => failed.push(detail.idx));
  await page.player.next(); // What was fetched ahead of its time does not matter here.
  page.player.next();
  return { ...page, failed, statusLine: new StatusLine(page) };
}

/** Have the server answer as it does whenever a page connects, as soon as this one tries to. */
async function answer({ server, connection, clock }) {
  if (connection.state === "pausing") await clock.tick(connection.retryAt - clock.now());
  server.socket.open();
  server.socket.tell(ready(A));
  server.socket.tell(ready(A));
}

const WAYS_TO_BE_LOST = {
  "the socket is closed": ({ server }) => server.socket.drop(),
  "the browser says so, and the socket lives": ({ connection }) => connection.offline(),
  "nobody answers, and nobody says so": ({ server }) => (server.socket.answersPings = false),
  "something else answers in the server's place": ({ server, sounds }) => {
    sounds.trouble = () => status4xx(404);
    server.socket.drop();
  },
  "a gateway answers for a server that is down": ({ server, sounds }) => {
    sounds.trouble = () => status4xx(502);
    server.socket.drop();
  },
  "the person was signed out elsewhere": ({ server }) => server.socket.drop(4401),
};

for (const [way, lose] of Object.entries(WAYS_TO_BE_LOST)) {
  test(`nothing is given up while the connection is gone: ${way}`, async () => {
    const page = await openCutPage();
    lose(page);
    await page.clock.tick(HOUR);
    assert.deepEqual(page.failed, []);
    assert.equal(page.player.idx, 2);
    assert.equal(page.player.state, "loading");
    assert.equal(page.player.isPlaying, true);
  });
}

test("playback says that it waits, and goes on where it was when the connection is back", async () => {
  const page = await openCutPage();
  page.server.socket.drop();
  await page.clock.tick(60_000);
  assert.match(page.statusLine.text, /^(The connection was lost|Reconnecting…)/);
  assert.match(page.statusLine.text, /Playback waits, and goes on from here\./);
  await answer(page);
  page.sounds.trouble = () => null;
  await page.clock.tick(100);
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
  assert.equal(page.statusLine.text, "Playing");
});

test("offline counts as soon as something is missing, and not before", async () => {
  const page = await openPlayingPage({ count: 3 });
  const statusLine = new StatusLine(page);
  page.connection.offline();
  await page.clock.tick(100);
  assert.equal(statusLine.text, "Playing");
  page.sounds.trouble = () => new TypeError("network");
  page.player.goTo(2);
  await page.clock.tick(4_000);
  assert.equal(statusLine.text, "You are offline. Playback waits, and goes on from here.");
  page.sounds.trouble = () => null;
  page.connection.online();
  await page.clock.tick(100);
  assert.equal(statusLine.text, "Playing");
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 2)]);
});

test("who is wrongly told to be offline listens all the same", async () => {
  const page = openReadyPage();
  page.connection.offline();
  page.sounds.trouble = () => new TypeError("once");
  page.player.play();
  page.server.socket.tell(cached(A, 0));
  await page.clock.tick(1_000);
  page.sounds.trouble = () => null;
  await page.clock.tick(4_000); // Nobody says that the network is back.
  assert.deepEqual(urls(page.sounds.sounding), [audioUrl(A, 0)]);
});

test("a connection that comes and goes gives nothing up", async () => {
  const page = await openCutPage();
  for (let times = 0; times < 20; times++) {
    page.server.socket.drop();
    await answer(page);
    await page.clock.tick(4_000);
  }
  assert.deepEqual(page.failed, []);
  assert.equal(page.player.idx, 2);
});

test("with the server there, what cannot be fetched is passed over as before", async () => {
  const page = await openCutPage();
  await page.clock.tick(13_000);
  assert.deepEqual(page.failed, [2]);
});

test("a row of blocks that follow each other while nothing comes is not run through", async () => {
  const page = await openCutPage();
  for (let idx = 3; idx < 20; idx++) page.server.socket.tell(cached(A, idx));
  page.server.socket.drop();
  await page.clock.tick(HOUR);
  assert.equal(page.player.idx, 2);
});

test("the times of the words are fetched when the connection is back", async () => {
  let isThere = false;
  const loadMarks = async () => {
    if (!isThere) throw new TypeError("network");
    return [[0, 5, 0, 500]];
  };
  const page = await openPlayingPage({ count: 1, marks: true, loadMarks });
  page.connection.offline();
  await page.clock.tick(2_000);
  assert.equal(page.player.marks, null);
  isThere = true;
  page.connection.online();
  await page.clock.tick(10);
  assert.deepEqual(page.player.marks, [[0, 5, 0, 500]]);
});

test("a live sound that something else refuses is waited for, and fetched on", async () => {
  const page = await openLivePage();
  const failed = [];
  page.player.addEventListener("failed", ({ detail }) => failed.push(detail.idx));
  const [live] = page.sounds.lives;
  live.becomeReady();
  await page.clock.tick(500);
  page.server.socket.drop();
  live.cause = status4xx(511);
  live.dispatchEvent(new Event("error"));
  await page.clock.tick(60_000);
  assert.deepEqual(failed, []);
  assert.equal(page.player.state, "waiting");
  await answer(page);
  page.sounds.lives[1].becomeReady();
  await page.clock.tick(100);
  assert.deepEqual(page.sounds.lives[1].reads, ["/live/0"]);
  assert.equal(page.player.state, "playing");
  assert.equal(page.player.positionMs >= 500, true);
});

test("a live sound whose line died is hurried when the connection is back", async () => {
  const page = await openLivePage();
  page.server.socket.drop();
  await page.clock.tick(1_000);
  await answer(page);
  assert.equal(page.sounds.lives[0].hurries, 1);
});

test("what the server itself gave up is told, whenever the connection went", async () => {
  const page = await openPlayingPage({ count: 1 });
  page.server.socket.tell(status(A, 1, "error", { error: "too long" }));
  const failed = [];
  page.player.addEventListener("failed", ({ detail }) => failed.push(detail.idx));
  page.server.socket.drop();
  await page.clock.tick(3_000);
  assert.deepEqual(failed, [1]);
});
