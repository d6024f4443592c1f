import assert from "node:assert/strict";
import { test } from "node:test";

import {
  A,
  B,
  cached,
  failure,
  openReadyPage,
  ready,
  setVoice,
  status,
  synthesize,
} from "./stage/page.js";

const types = (messages) => messages.map(({ type }) => type);

test("a window is sent once, merged, and not longer than the protocol allows", async () => {
  const { server, session, clock } = openReadyPage({ blockCount: 200 });
  server.socket.tell(ready(A, { block_count: 200 }));
  session.want([5, 5, 6, 400]);
  session.want([5, 6]);
  await clock.tick(100);
  assert.deepEqual(server.socket.takeSent(), [synthesize([5, 6])]);
  session.want(Array.from({ length: 100 }, (_, idx) => idx));
  await clock.tick(100);
  assert.equal(server.socket.takeSent()[0].block_indices.length, 64);
  session.want([]);
  assert.deepEqual(types(server.socket.takeSent()), ["cancel"]);
});

test("many windows in one moment become two messages", async () => {
  const { server, session, clock } = openReadyPage();
  for (let idx = 0; idx < 15; idx++) session.want([idx]);
  await clock.tick(100);
  assert.deepEqual(server.socket.takeSent(), [synthesize([0]), synthesize([14])]);
});

test("a silent block is asked for again, then afresh, ever more seldom", async () => {
  const { server, session, clock } = openReadyPage();
  session.want([0]);
  await clock.tick(4_000);
  assert.deepEqual(types(server.socket.takeSent()), ["synthesize"]);
  await clock.tick(2_000);
  assert.deepEqual(types(server.socket.takeSent()), ["synthesize"]);
  await clock.tick(10_000);
  assert.deepEqual(types(server.socket.takeSent()), ["set_voice", "synthesize"]);
  server.socket.tell(ready(A));
  await clock.tick(18_000);
  assert.deepEqual(server.socket.takeSent(), []);
  server.socket.tell(cached(A, 0));
  await clock.tick(60_000);
  assert.deepEqual(server.socket.takeSent(), []);
});

test("a server that wants to be left alone is asked again after a pause that grows", async () => {
  const { server, session, clock } = openReadyPage();
  session.want([0]);
  server.socket.takeSent();
  server.socket.tell(failure("rate_limited", { block_indices: [0] }));
  assert.equal(session.trouble.code, "rate_limited");
  session.want([1]);
  await clock.tick(1_900);
  assert.deepEqual(server.socket.takeSent(), []);
  await clock.tick(100);
  assert.deepEqual(server.socket.takeSent(), [synthesize([1])]);
  server.socket.tell(failure("rate_limited", { block_indices: [1] }));
  await clock.tick(3_900);
  assert.deepEqual(server.socket.takeSent(), []);
  await clock.tick(100);
  assert.deepEqual(server.socket.takeSent(), [synthesize([1])]);
  server.socket.tell(cached(A, 1));
  assert.equal(session.trouble, null);
});

test("after a bad index the other blocks are asked for", async () => {
  const { server, session, clock } = openReadyPage();
  session.want([18, 19]);
  server.socket.takeSent();
  server.socket.tell(failure("bad_index", { block_indices: [19] }));
  await clock.tick(100);
  assert.deepEqual(server.socket.takeSent(), [synthesize([18])]);
});

test("a retry says so once and stays wanted until it is settled", async () => {
  const { server, session, clock } = openReadyPage();
  session.want([0, 1]);
  server.socket.tell(status(A, 9, "error", { error: "no" }));
  server.socket.takeSent();
  session.retry(9);
  assert.equal(session.stateOf(9).status, "queued");
  assert.deepEqual(server.socket.takeSent(), [synthesize([0, 9, 1], true)]);
  await clock.tick(100);
  session.want([1, 2]);
  assert.deepEqual(server.socket.takeSent(), [synthesize([1, 9, 2])]);
  await clock.tick(100);
  server.socket.tell(cached(A, 9));
  assert.deepEqual(session.wanted, [1, 2]);
});

test("what was asked for again is forgotten when the person goes elsewhere", () => {
  const { server, session, player } = openReadyPage();
  player.play();
  server.socket.tell(status(A, 5, "error", { error: "no" }));
  server.socket.tell(status(A, 6, "error", { error: "no" }));
  player.retry(5);
  player.retry(6);
  assert.deepEqual(session.wanted.slice(0, 4), [0, 5, 6, 1]);
  player.goTo(6);
  assert.deepEqual(session.wanted.slice(0, 3), [6, 7, 8]);
  player.goTo(12);
  assert.deepEqual(session.wanted.slice(0, 3), [12, 13, 14]);
});

test("what was asked for again is forgotten in another voice, sent or not", async () => {
  const { server, session, clock } = openReadyPage();
  session.want([0, 1]);
  server.socket.tell(status(A, 9, "error", { error: "no" }));
  server.socket.drop();
  session.retry(9);
  session.setVoice(B);
  await clock.tick(5_000);
  server.socket.open();
  assert.deepEqual(server.socket.takeSent(), [setVoice(B), synthesize([0, 1])]);
});

test("what was asked for again is forgotten in a voice that the server chose", () => {
  const { server, session } = openReadyPage();
  session.want([0, 1]);
  session.retry(9);
  server.socket.tell(failure("unknown_voice", { block_indices: [0] }));
  server.socket.tell(ready(B));
  assert.deepEqual(session.wanted, [0, 1]);
});

test("what is wanted while the voice changes is asked for in the new one", () => {
  const { server, session } = openReadyPage();
  session.addEventListener("reset", () => session.want([3]));
  session.setVoice(B);
  assert.deepEqual(server.socket.takeSent(), [setVoice(B), synthesize([3])]);
});

test("what was asked to be made again is, though the server was away or the line broke", async () => {
  for (const breaks of [
    ({ server }) => server.socket.tell(failure("unavailable", { block_indices: [0, 1] })),
    async ({ connection, clock, server }) => {
      connection.restart();
      await clock.tick(10);
      server.socket.open();
      server.socket.tell(ready(A));
    },
  ]) {
    const page = openReadyPage();
    const { server, session, clock } = page;
    session.want([0, 1]);
    server.socket.tell(status(A, 1, "error", { error: "no" }));
    await clock.tick(100);
    server.socket.takeSent();
    session.retry(1);
    assert.deepEqual(server.socket.takeSent(), [synthesize([0, 1], true)]);
    await breaks(page);
    await clock.tick(3_000);
    const asked = server.socket.takeSent().filter(({ type }) => type === "synthesize");
    assert.deepEqual(asked[0], synthesize([0, 1], true));
  }
});

test("a retry of which nothing is heard is repeated once, and not for ever", async () => {
  const { server, session, clock } = openReadyPage();
  session.want([0, 1]);
  server.socket.tell(status(A, 1, "error", { error: "no" }));
  await clock.tick(100);
  server.socket.takeSent();
  session.retry(1);
  for (let at = 0; at < 300; at++) {
    await clock.tick(1_000);
    if (server.socket.sent.some(({ type }) => type === "set_voice")) server.socket.tell(ready(A));
  }
  const asked = server.socket.takeSent().filter(({ retry }) => retry);
  assert.equal(asked.length <= 2, true);
});
