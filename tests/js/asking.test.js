import assert from "node:assert/strict";
import { test } from "node:test";

import { A, cached, failure, openReadyPage, ready, status, synthesize } from "./stage/page.js";

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
  assert.deepEqual(server.socket.takeSent(), [synthesize([9, 0, 1], true)]);
  await clock.tick(100);
  session.want([1, 2]);
  assert.deepEqual(server.socket.takeSent(), [synthesize([9, 1, 2])]);
  await clock.tick(100);
  server.socket.tell(cached(A, 9));
  assert.deepEqual(session.wanted, [1, 2]);
});
