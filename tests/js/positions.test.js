import assert from "node:assert/strict";
import { test } from "node:test";

import { A, openPage, openReadyPage, ready, setVoice } from "./stage/page.js";

test("a position that could not be sent is sent when there is a connection", async () => {
  const { server, session } = openPage();
  session.savePosition(4, 1200.4);
  session.savePosition(5, 300.6);
  server.socket.open();
  assert.deepEqual(server.socket.takeSent(), [
    setVoice(A),
    { type: "save_position", block_idx: 5, offset_ms: 301 },
  ]);
});

test("only the positions of other sessions are told", () => {
  const { server, session } = openReadyPage();
  const heard = [];
  session.addEventListener("position", ({ detail }) => heard.push(detail));
  server.socket.tell({ type: "position", block_idx: 1, offset_ms: 2, session_id: "session-1" });
  server.socket.tell({ type: "position", block_idx: 3, offset_ms: 4, session_id: "phone" });
  server.socket.tell({
    type: "position",
    block_idx: 5,
    offset_ms: 6,
    session_id: "phone",
    device: "Safari on iPhone",
    playing: true,
  });
  server.socket.tell({ type: "position", block_idx: 20, offset_ms: 0, session_id: "phone" });
  assert.deepEqual(heard, [
    { blockIdx: 3, offsetMs: 4, sessionId: "phone", device: "", playing: null },
    { blockIdx: 5, offsetMs: 6, sessionId: "phone", device: "Safari on iPhone", playing: true },
  ]);
});

/** Lose the connection and come back as another session. */
async function comeBack({ server, clock }, more = {}) {
  server.socket.drop();
  await clock.tick(20_000);
  server.socket.open();
  server.socket.tell(ready(A, { session_id: "session-2", ...more }));
  server.socket.tell(ready(A, { session_id: "session-2", ...more }));
}

test("what a page said before it lost the connection is not another's", async () => {
  const page = openReadyPage();
  const heard = [];
  page.session.addEventListener("position", ({ detail }) => heard.push(detail.sessionId));
  await comeBack(page);
  for (const session_id of ["session-1", "session-2", "phone"]) {
    page.server.socket.tell({ type: "position", block_idx: 1, offset_ms: 2, session_id });
  }
  assert.deepEqual(heard, ["phone"]);
});

test("a page that comes back is told where the person is, once", async () => {
  const page = openReadyPage();
  const heard = [];
  page.session.addEventListener("back", ({ detail }) => heard.push(detail));
  page.server.socket.tell(ready(A, { cached: [[0, 0]] }));
  assert.deepEqual(heard, []);
  await comeBack(page, { position: { block_idx: 9, offset_ms: 70 } });
  page.server.socket.tell(ready(A, { session_id: "session-2", cached: [[0, 0]] }));
  assert.deepEqual(heard, [{ blockIdx: 9, offsetMs: 70 }]);
});

test("a page that moved while it was away tells its own place instead", async () => {
  const page = openReadyPage();
  const heard = [];
  page.session.addEventListener("back", ({ detail }) => heard.push(detail));
  page.server.socket.drop();
  page.session.savePosition(4, 100, { playing: true, began: true });
  await page.clock.tick(20_000);
  page.server.socket.open();
  page.server.socket.tell(ready(A, { session_id: "session-2" }));
  page.server.socket.tell(ready(A, { session_id: "session-2" }));
  assert.deepEqual(heard, []);
  const saved = page.server.socket.takeSent().filter(({ type }) => type === "save_position");
  assert.deepEqual(saved, [{ type: "save_position", block_idx: 4, offset_ms: 100 }]);
});

test("a page that plays on after it was away listens before it claims to be the one", async () => {
  const page = openReadyPage();
  await comeBack(page);
  const saved = () => page.server.socket.takeSent().at(-1).playing;
  page.session.savePosition(1, 0, { playing: true });
  assert.equal(saved(), undefined);
  page.session.savePosition(1, 0, { playing: false });
  assert.equal(saved(), false);
  await page.clock.tick(6_000);
  page.session.savePosition(1, 0, { playing: true });
  assert.equal(saved(), true);
  await comeBack(page, { session_id: "session-3" });
  page.session.savePosition(1, 0, { playing: true, began: true });
  assert.equal(saved(), true);
});

test("what was begun before there was a connection is said with the first one", () => {
  const { server, session } = openPage();
  session.savePosition(0, 0, { playing: true, began: true });
  session.savePosition(0, 500, { playing: true });
  server.socket.open();
  assert.deepEqual(server.socket.takeSent().at(-1), {
    type: "save_position",
    block_idx: 0,
    offset_ms: 500,
    playing: true,
  });
});
