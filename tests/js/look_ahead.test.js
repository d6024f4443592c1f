import assert from "node:assert/strict";
import { test } from "node:test";

import { LookAhead } from "../../static/js/document/look_ahead.js";
import { Pace } from "../../static/js/document/pace.js";
import { Playlist } from "../../static/js/document/playlist.js";
import { A, B, cached, openReadyPage, ready, status } from "./stage/page.js";

const playlist = new Playlist(Array.from({ length: 200 }, (_, idx) => ({ idx, chars: 140 })));
const count = ({ timesRealTime = 2, speed = 1, seconds = 60, durationMs = 10_000, idx = 0 }) =>
  new LookAhead({
    playlist,
    durations: { durationMs: () => durationMs },
    pace: { timesRealTime },
    seconds,
  }).window(idx, speed).length;

test("so many seconds of sound are wanted beyond the block at the cursor", () => {
  assert.equal(count({}), 7);
  assert.equal(count({ seconds: 30 }), 4);
  assert.equal(count({ durationMs: 20_000 }), 4);
});

test("at a higher speed the same time takes more blocks", () => {
  assert.equal(count({ speed: 2, timesRealTime: 4 }), 13);
});

test("of a quick model less is wanted, of a slow one more", () => {
  assert.equal(count({ timesRealTime: 100 }), 4);
  assert.equal(count({ timesRealTime: 1 }), 13);
  assert.equal(count({ timesRealTime: 0.1 }), 25);
});

test("a window has two blocks more at least, 64 at most, and ends with the document", () => {
  assert.equal(count({ durationMs: 500_000 }), 3);
  assert.equal(count({ durationMs: 100 }), 64);
  assert.equal(count({ idx: 198 }), 2);
});

test("what the page sees is added to what the server knew, for each model by itself", async () => {
  const page = openReadyPage();
  const pace = new Pace({
    session: page.session,
    known: { [A.model_slug]: { first_ms: 100, times_real_time: 10 } },
    clock: page.clock,
  });
  assert.equal(pace.timesRealTime, 10);
  page.server.socket.tell(status(A, 0, "processing", { audio_url: "/live/" }));
  await page.clock.tick(1_500);
  page.server.socket.tell(cached(A, 0)); // 3 s of sound in 100 ms and 1.5 s
  const expected = 10 + 0.3 * (1_500 / 1_600) * (3_000 / 1_600 - 10);
  assert.equal(Math.abs(pace.timesRealTime - expected) < 0.01, true);
  page.session.setVoice({ model_slug: "other", voice_slug: "x" });
  assert.equal(pace.timesRealTime, 4);
  assert.equal(pace.firstMs, 500);
  page.session.setVoice(B);
  page.server.socket.tell(ready(B));
  assert.equal(pace.firstMs, 100); // B is of A's model
});

test("little is learned of what is made in no time, or is nearly made when heard of", async () => {
  const page = openReadyPage();
  const pace = new Pace({
    session: page.session,
    known: { [A.model_slug]: { first_ms: 100, times_real_time: 2 } },
    clock: page.clock,
  });
  for (let idx = 0; idx < 3; idx++) {
    page.server.socket.tell(status(A, idx, "processing", { audio_url: "/live/" }));
    await page.clock.tick(5);
    page.server.socket.tell(cached(A, idx));
  }
  assert.equal(pace.timesRealTime < 4, true, `${pace.timesRealTime}`);
});

test("no model is taken to be faster than can be told", async () => {
  const page = openReadyPage();
  const known = { [A.model_slug]: { first_ms: 0, times_real_time: 1_000 } };
  const pace = new Pace({ session: page.session, known, clock: page.clock });
  page.server.socket.tell(status(A, 0, "processing", { audio_url: "/live/" }));
  await page.clock.tick(1);
  page.server.socket.tell(cached(A, 0));
  assert.equal(pace.timesRealTime, 1_000);
});
