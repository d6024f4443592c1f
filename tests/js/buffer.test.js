import assert from "node:assert/strict";
import { test } from "node:test";

import { ReadyAhead } from "../../static/js/document/buffer.js";
import { A, B, cached, openReadyPage, ready, status } from "./stage/page.js";

function openBuffer() {
  const page = openReadyPage({ blockCount: 6 });
  return { ...page, ahead: new ReadyAhead(page) };
}

test("a duration is guessed from the length until it is known", () => {
  const { server, ahead } = openBuffer();
  assert.equal(ahead.durationMs(0), 10_000);
  server.socket.tell(cached(A, 0, { duration_ms: 20_000 }));
  assert.equal(ahead.durationMs(0), 20_000);
  assert.equal(ahead.durationMs(1) > 10_000 && ahead.durationMs(1) < 20_000, true);
});

test("what is ready ahead ends at the first block that is not", () => {
  const { server, ahead } = openBuffer();
  for (const idx of [0, 1, 3]) server.socket.tell(cached(A, idx, { duration_ms: 4_000 }));
  server.socket.tell(status(A, 2, "processing"));
  assert.deepEqual(ahead.ahead(0, 1_000), { ms: 7_000, until: 1, blocks: 2 });
  assert.deepEqual(ahead.ahead(2, 0), { ms: 0, until: null, blocks: 0 });
  assert.deepEqual(ahead.ranges(), [
    [0, 1],
    [3, 3],
  ]);
});

test("a change of voice empties the bar at once", () => {
  const { server, session, ahead } = openBuffer();
  server.socket.tell(ready(A, { block_count: 6, cached: [[0, 5]] }));
  assert.deepEqual(ahead.ranges(), [[0, 5]]);
  let changes = 0;
  ahead.addEventListener("change", () => changes++);
  session.setVoice(B);
  assert.deepEqual(ahead.ranges(), []);
  assert.equal(changes, 1);
  assert.equal(ahead.durationMs(0), 10_000);
});

test("the place in the document counts real and guessed durations", () => {
  const { ahead } = openBuffer();
  assert.deepEqual(ahead.place(2, 1_000), { elapsedMs: 21_000, totalMs: 60_000 });
});
