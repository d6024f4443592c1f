import assert from "node:assert/strict";
import { test } from "node:test";

import * as protocol from "../../static/js/session/protocol.js";
import { A, B, cached, failure, ready, status } from "./stage/page.js";

const { MESSAGES, OPTIONAL, ProtocolError, parse } = protocol;
const wire = (message) => JSON.stringify({ seq: 1, ...message });

test("what the page sends has the keys of its type, in their order", () => {
  const sent = [
    protocol.setVoice(A),
    protocol.synthesize([1, 2]),
    protocol.cancel(),
    protocol.savePosition(3, 4, true),
    protocol.ping(),
  ];
  const keys = Object.fromEntries(sent.map((message) => [message.type, Object.keys(message)]));
  assert.deepEqual(keys, MESSAGES.from_page);
});

test("what the server sends is taken as it is", () => {
  for (const message of [
    ready(A, { cached: [[0, 3]] }),
    ready(A, { position: null }),
    cached(A, 0),
    cached(A, 0, { spoken_by: null }),
    cached(A, 0, { spoken_by: { ...B, name: "Anna" } }),
    status(A, 1, "error", { error: "no", retryable: true }),
    failure("bad_index", { block_indices: [-4] }),
    { type: "position", block_idx: 1, offset_ms: 2, session_id: "s" },
    {
      type: "position",
      block_idx: 1,
      offset_ms: 2,
      session_id: "s",
      device: "Chrome on Linux",
      same_browser: true,
      playing: true,
    },
    { type: "progress", job: "import", done: 1, total: null, status: "running", error: null },
    { type: "pong" },
  ]) {
    assert.deepEqual(parse(wire(message)), { seq: 1, ...message });
  }
});

test("a message with a wrong value is refused", () => {
  for (const message of [
    status(A, 0, "done"),
    status(A, -1, "cached"),
    status(A, 0.5, "cached"),
    cached(A, 0, { audio_url: 5 }),
    cached(A, 0, { voice_slug: undefined }),
    cached(A, 0, { spoken_by: "Anna" }),
    cached(A, 0, { spoken_by: B }),
    ready(A, { cached: [[3, 1]] }),
    ready(A, { cached: "all" }),
    ready(A, { position: {} }),
    failure("strange"),
    { type: "position", block_idx: 1, offset_ms: 2, session_id: "s", playing: 1 },
    { type: "position", block_idx: 1, offset_ms: 2, session_id: "s", device: null },
    { type: "position", block_idx: 1, offset_ms: 2, session_id: "s", same_browser: null },
  ]) {
    assert.throws(() => parse(wire(message)), ProtocolError);
  }
});

test("a message without one of its keys is refused", () => {
  for (const [type, message] of Object.entries({ ready: ready(A), status: cached(A, 0) })) {
    for (const key of MESSAGES.to_page[type]) {
      if (OPTIONAL[type]?.includes(key)) continue;
      const { [key]: _, ...rest } = { seq: 1, ...message };
      assert.throws(() => parse(JSON.stringify(rest)), ProtocolError, key);
    }
  }
});
