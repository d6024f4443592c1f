import assert from "node:assert/strict";
import { test } from "node:test";

import { StatusLine } from "../../static/js/notices/status.js";
import { A, C, cached, failure, openPage, openReadyPage, ready, status } from "./stage/page.js";

const withLine = (page) => ({ ...page, statusLine: new StatusLine(page) });

test("connecting, refused and lost connections are told", async () => {
  const { server, clock, statusLine } = withLine(openPage());
  assert.equal(statusLine.text, "Connecting…");
  server.socket.drop();
  assert.equal(statusLine.text, "The server cannot be reached. Trying again in 1 s.");
  await clock.tick(300);
  server.socket.open();
  await clock.tick(6_000);
  server.socket.drop();
  assert.equal(statusLine.text, "The connection was lost. Reconnecting in 1 s.");
  await clock.tick(300);
  assert.equal(statusLine.text, "Reconnecting…");
  server.socket.drop(4401);
  assert.deepEqual(
    [statusLine.text, statusLine.action],
    ["You are signed out. Sign in to go on listening.", "sign-in"],
  );
});

test("the way of a block is told, and what is wrong when nobody answers", async () => {
  const { server, clock, player, statusLine } = withLine(openReadyPage());
  assert.equal(statusLine.text, "Press play to listen");
  player.play();
  assert.equal(statusLine.text, "Waiting for a worker…");
  await clock.tick(10_000);
  assert.match(statusLine.text, /^No worker has answered for 10 s\. /);
  assert.equal(statusLine.tone, "trouble");
  server.socket.tell(ready(A));
  server.socket.tell(status(A, 0, "processing"));
  assert.equal(statusLine.text, "Making the next block…");
  server.socket.tell(cached(A, 0));
  assert.equal(statusLine.text, "Fetching the sound…");
  await clock.tick(100);
  assert.equal(statusLine.text, "Playing");
  player.pause();
  assert.equal(statusLine.text, "Paused");
});

test("a refused play and a failed block are told", async () => {
  const { server, clock, sounds, player, statusLine } = withLine(openReadyPage());
  sounds.refusesPlay = true;
  player.play();
  server.socket.tell(cached(A, 0));
  await clock.tick(100);
  assert.equal(statusLine.action, "play");
  player.next();
  server.socket.tell(status(A, 1, "error", { error: "The text is too long" }));
  player.play();
  assert.equal(statusLine.text, "This block could not be spoken. The text is too long.");
});

test("complaints of the server are told while nothing plays", async () => {
  const { server, player, statusLine } = withLine(openReadyPage());
  player.play();
  server.socket.tell(failure("over_quota", { message: "This month's hours are used up" }));
  assert.equal(statusLine.text, "This month's hours are used up.");
  player.changeVoice(C);
  server.socket.tell(failure("unknown_voice"));
  server.socket.tell(ready(A));
  assert.match(statusLine.text, /^That voice is not available/);
});

test("a page that stands still sets no timers", async () => {
  const { clock, connection, statusLine } = withLine(openReadyPage());
  connection.close();
  await clock.tick(2_000);
  assert.equal(clock.pending, 0);
  assert.equal(statusLine.text, "Press play to listen");
});
