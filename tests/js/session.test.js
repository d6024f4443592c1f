import assert from "node:assert/strict";
import { test } from "node:test";

import {
  A,
  B,
  C,
  audioUrl,
  cached,
  failure,
  openPage,
  openReadyPage,
  ready,
  setVoice,
  status,
  synthesize,
} from "./stage/page.js";
import {} from "./stage/playing.js";

test("a page with a voice says so before it asks for blocks", async () => {
  const { server, session, clock } = openPage();
  session.want([3, 4]);
  server.socket.open();
  await clock.tick();
  assert.deepEqual(server.socket.takeSent(), [setVoice(A), synthesize([3, 4])]);
});

test("a page without a voice takes that of the first ready and keeps it", async () => {
  const { server, session, clock } = openPage({ voice: null });
  session.want([0]);
  server.socket.open();
  assert.deepEqual(server.socket.takeSent(), [synthesize([0])]);
  const heard = [];
  session.addEventListener("voice", ({ detail }) => heard.push(detail));
  server.socket.tell(ready(B));
  assert.deepEqual(session.voice, B);
  assert.deepEqual(heard, [{ voice: B, by: "server" }]);
  server.socket.drop();
  await clock.tick(300);
  server.socket.open();
  assert.deepEqual(server.socket.takeSent(), [setVoice(B), synthesize([0])]);
});

test("a first ready never changes the voice that was chosen", () => {
  const { server, session } = openPage({ voice: A });
  server.socket.open();
  server.socket.tell(ready(B, { cached: [[0, 5]] }));
  assert.deepEqual(session.voice, A);
  assert.equal(session.answered, false);
  assert.equal(session.stateOf(0), null);
  server.socket.tell(ready(A, { cached: [[2, 3]] }));
  assert.equal(session.answered, true);
  assert.deepEqual([...session.states()].map(([idx]) => idx), [2, 3]);
});

test("a change of voice empties what is known and sends set_voice first", () => {
  const { server, session } = openReadyPage();
  session.want([0, 1]);
  server.socket.tell(cached(A, 0));
  server.socket.takeSent();
  session.setVoice(B);
  assert.deepEqual([...session.states()], []);
  assert.deepEqual(server.socket.takeSent(), [setVoice(B), synthesize([0, 1])]);
});

test("nothing is believed until the answer to the change of voice has come", () => {
  const { server, session } = openReadyPage();
  session.setVoice(B);
  server.socket.tell(cached(A, 0));
  server.socket.tell(cached(B, 1));
  server.socket.tell(ready(A, { cached: [[0, 9]] }));
  assert.deepEqual([...session.states()], []);
  assert.equal(session.dropped, 3);
  server.socket.tell(ready(B));
  server.socket.tell(cached(B, 1));
  assert.equal(session.stateOf(1).audioUrl, audioUrl(B, 1));
});

test("there and back again: what was said of the first time in the voice is not believed", () => {
  const { server, session } = openReadyPage();
  session.setVoice(B);
  session.setVoice(A);
  server.socket.tell(cached(A, 0));
  server.socket.tell(ready(A, { cached: [[0, 9]] })); // Blocks were added before set_voice came.
  server.socket.tell(cached(A, 1));
  assert.deepEqual([...session.states()], []);
  server.socket.tell(ready(B));
  server.socket.tell(cached(B, 2));
  assert.deepEqual([...session.states()], []);
  server.socket.tell(ready(A, { cached: [[4, 4]] }));
  server.socket.tell(cached(A, 5));
  assert.deepEqual([...session.states()].map(([idx]) => idx), [4, 5]);
});

test("a ready that comes unasked in the voice chosen adds to what is known", () => {
  const { server, session } = openReadyPage();
  server.socket.tell(cached(A, 0));
  const answers = [];
  session.addEventListener("ready", ({ detail }) => answers.push(detail));
  server.socket.tell(ready(A, { block_count: 25, cached: [[0, 0], [22, 22]] }));
  assert.deepEqual(answers, [{ blockCount: 25, grew: true }]);
  assert.equal(session.stateOf(0).audioUrl, audioUrl(A, 0));
  assert.equal(session.stateOf(22).status, "cached");
});

test("a status in another voice is dropped although the server has answered", () => {
  const { server, session } = openReadyPage();
  server.socket.tell(cached(B, 0));
  assert.equal(session.stateOf(0), null);
  assert.equal(session.dropped, 1);
});

test("an unasked ready in another voice makes the page tell its own again", async () => {
  const { server, session, clock } = openReadyPage();
  server.socket.tell(ready(B, { cached: [[0, 5]] }));
  assert.deepEqual([...session.states()], []);
  await clock.tick(500);
  assert.deepEqual(server.socket.takeSent(), [setVoice(A)]);
});

test("other documents, revisions, sessions and blocks that are not there are dropped", () => {
  const { server, session } = openReadyPage();
  server.socket.tell(cached(A, 0, { document_id: "another" }));
  server.socket.tell(cached(A, 0, { revision: 0 }));
  server.socket.tell(cached(A, 20));
  server.socket.tell(ready(A, { session_id: "another", cached: [[0, 5]] }));
  server.socket.tell(ready(A, { document_id: "another", cached: [[0, 5]] }));
  assert.deepEqual([...session.states()], []);
  assert.equal(session.dropped, 5);
});

test("doubled and late messages are dropped", () => {
  const { server, session } = openReadyPage();
  server.socket.tell(status(A, 0, "processing", { seq: 3 }));
  server.socket.tell(cached(A, 0, { seq: 4 }));
  server.socket.tell(status(A, 0, "processing", { seq: 3 }));
  server.socket.tell(status(A, 0, "error", { seq: 4 }));
  assert.equal(session.stateOf(0).status, "cached");
  assert.equal(session.dropped, 2);
});

test("a lost message makes the page ask for everything again", async () => {
  const { server, session, clock } = openReadyPage();
  session.want([0, 1]);
  await clock.tick(100);
  server.socket.takeSent();
  server.socket.lose();
  server.socket.tell(cached(A, 1));
  await clock.tick(500);
  assert.deepEqual(server.socket.takeSent(), [setVoice(A), synthesize([0, 1])]);
});

test("a lost answer makes the page connect afresh", async () => {
  const { server, session, clock } = openReadyPage();
  session.setVoice(B);
  await clock.tick(8_000);
  await clock.tick(300);
  assert.equal(server.sockets.length, 2);
  server.socket.open();
  assert.deepEqual(server.socket.takeSent(), [setVoice(B)]);
});

test("seq begins anew with a connection, and the old socket is not heard any more", async () => {
  const { server, session, clock } = openReadyPage();
  const [old] = server.sockets;
  for (let idx = 0; idx < 5; idx++) old.tell(cached(A, idx));
  old.drop();
  await clock.tick(300);
  server.socket.open();
  old.tell(cached(A, 9));
  server.socket.tell(ready(A, { session_id: "session-2" }));
  server.socket.tell(cached(A, 7));
  assert.deepEqual([...session.states()].map(([idx]) => idx), [7]);
});

test("a change of voice that a lost connection left unanswered is not waited for", async () => {
  const { server, session, clock } = openReadyPage();
  session.setVoice(B);
  session.setVoice(C);
  server.socket.drop();
  await clock.tick(300);
  server.socket.open();
  assert.deepEqual(server.socket.takeSent(), [setVoice(C)]);
  server.socket.tell(ready(A));
  server.socket.tell(ready(C));
  assert.equal(session.answered, true);
});

test("a change of voice that was too much for the server is asked for again", async () => {
  const { server, session, clock } = openReadyPage();
  session.setVoice(B);
  server.socket.takeSent();
  server.socket.tell(failure("rate_limited"));
  await clock.tick(2_000);
  assert.deepEqual(server.socket.takeSent(), [setVoice(B)]);
  server.socket.tell(ready(B));
  assert.equal(session.answered, true);
});

test("a block that is tried again meanwhile does not end the wait for the voice", async () => {
  const { server, session, clock } = openReadyPage();
  session.setVoice(B);
  server.socket.takeSent();
  server.socket.tell(failure("unavailable"));
  session.retry(5);
  await clock.tick(2_000);
  assert.deepEqual(server.socket.takeSent()[0], setVoice(B));
});

test("back from the browser's history: a new socket, and the voice before the blocks", async () => {
  const { server, session } = openReadyPage();
  session.want([2]);
  session.comeBack();
  assert.equal(server.sockets.length, 2);
  assert.equal(server.sockets[0].readyState, 3);
  server.sockets[0].tell(cached(A, 2));
  assert.equal(session.stateOf(2), null);
  server.socket.open();
  assert.deepEqual(server.socket.takeSent(), [setVoice(A), synthesize([2])]);
});

test("a voice that the server does not know gives way to the one that holds", async () => {
  const { server, session } = openReadyPage();
  session.want([0]);
  session.setVoice(C);
  server.socket.takeSent();
  const heard = [];
  session.addEventListener("voice", ({ detail }) => heard.push(detail));
  server.socket.tell(failure("unknown_voice"));
  assert.equal(session.answered, false);
  server.socket.tell(ready(A, { cached: [[0, 0]] }));
  assert.deepEqual(heard, [{ voice: A, by: "server" }]);
  assert.deepEqual(session.voice, A);
  assert.equal(session.stateOf(0).status, "cached");
  server.socket.tell(cached(A, 0));
  assert.equal(session.stateOf(0).audioUrl, audioUrl(A, 0));
});

test("an unknown voice does not undo a later choice", () => {
  const { server, session } = openReadyPage();
  session.setVoice(C);
  session.setVoice(B);
  server.socket.tell(failure("unknown_voice"));
  server.socket.tell(ready(A, { cached: [[0, 5]] }));
  assert.deepEqual(session.voice, B);
  assert.deepEqual([...session.states()], []);
  server.socket.tell(ready(B));
  assert.equal(session.answered, true);
});

test("a choice after the refusal and before the ready that follows it stands", () => {
  const { server, session } = openReadyPage();
  session.setVoice(C);
  server.socket.tell(failure("unknown_voice"));
  session.setVoice(B);
  server.socket.tell(ready(A));
  assert.deepEqual(session.voice, B);
  server.socket.tell(ready(B));
  assert.equal(session.answered, true);
});

test("blocks made anew empty everything", () => {
  const { server, session } = openReadyPage();
  session.want([0]);
  server.socket.tell(cached(A, 0));
  const heard = [];
  session.addEventListener("revised", ({ detail }) => heard.push(detail));
  server.socket.tell(ready(A, { revision: 2, block_count: 3, cached: [[1, 1]] }));
  assert.deepEqual(heard, [{ revision: 2, blockCount: 3 }]);
  assert.deepEqual(session.wanted, []);
  assert.deepEqual([...session.states()].map(([idx]) => idx), [1]);
});

test("another protocol ends the session and says so", () => {
  const { server, session, connection } = openPage();
  server.socket.open();
  server.socket.tell(ready(A, { protocol: 2 }));
  assert.equal(connection.state, "closed");
  assert.equal(session.trouble.code, "outdated");
});
