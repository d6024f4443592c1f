import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { beforeEach, mock, test } from "node:test";

import { StageLine, StageSource } from "./stage/line.js";

globalThis.MediaSource = StageSource;
URL.createObjectURL = () => "blob:stage";
URL.revokeObjectURL = () => {};
const { LiveSound } = await import("../../static/js/sound/live_sound.js");
const { fetchWhole } = await import("../../static/js/sound/fetch_sound.js");

const settled = () => new Promise((resolve) => setImmediate(resolve));
let line;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  line = new StageLine();
  globalThis.fetch = line.fetch;
});

async function pass(ms) {
  for (let passed = 0; passed < ms; passed += 100) {
    for (let i = 0; i < 5; i++) await settled();
    mock.timers.tick(100);
  }
  for (let i = 0; i < 5; i++) await settled();
}

function openLive() {
  const element = Object.assign(new EventTarget(), { pause() {}, load() {}, removeAttribute() {} });
  const kept = [];
  const live = new LiveSound(element, "audio/mpeg", () => {}, (url, { bytes }) => kept.push(bytes));
  return { live, kept, source: StageSource.last };
}

const hanging = (...bytes) => ({ status: 200, pieces: [{ piece: bytes }], hangs: true });

test("a sound that is being made and hangs is fetched on from where it was", async () => {
  line.answers = [hanging(1, 2), { status: 206, pieces: [{ piece: [3] }], hangs: true }];
  const { live, source } = openLive();
  live.read("/live/0");
  await pass(24_500);
  assert.equal(line.asked.length, 1);
  await pass(1_000);
  assert.deepEqual(line.asked, [
    ["GET", "/live/0", null],
    ["GET", "/live/0", "bytes=2-"],
  ]);
  assert.equal(line.cancelled, 1);
  assert.deepEqual(source.taken, [1, 2, 3]);
  live.dispose();
});

test("once it is known to be whole it is waited for less, from then on", async () => {
  line.answers = [
    hanging(1, 2),
    { status: 0 },
    { status: 200, pieces: [{ piece: [1, 2, 3] }] },
    { status: 200 },
  ];
  const { live, kept, source } = openLive();
  live.read("/live/0");
  await pass(15_000);
  live.complete("/live/0", 3);
  await pass(3_000);
  live.complete("/live/0", 3); // told again, it is no news
  await pass(1_500);
  assert.equal(line.asked.length, 1);
  await pass(1_000);
  assert.equal(line.asked.length, 2);
  await pass(6_000);
  assert.equal(line.cancelled, 2);
  assert.deepEqual(source.taken, [1, 2, 3]);
  assert.equal(source.readyState, "ended");
  assert.deepEqual(kept, [3]);
});

test("a line on which each answer takes long to begin brings the whole of a sound too", async () => {
  const slow = { status: 206, pieces: [{ piece: [3], afterMs: 12_000 }] };
  line.answers = [hanging(1, 2), slow, slow, slow, { status: 200 }];
  const { live, source } = openLive();
  live.read("/live/0");
  await pass(2_000);
  live.complete("/live/0", 3);
  await pass(60_000);
  assert.deepEqual(source.taken, [1, 2, 3]);
  assert.equal(source.readyState, "ended");
});

test("many fetches leave nothing behind with the life they belong to", async () => {
  const life = new AbortController();
  for (let times = 0; times < 20; times++) {
    line.answers = [{ status: 200, pieces: [{ piece: [1] }] }];
    await fetchWhole("/audio/0", life.signal);
  }
  assert.equal(getEventListeners(life.signal, "abort").length, 0);
});

test("a stored sound that hangs counts as broken off, answered or not", async () => {
  for (const answer of [{ status: 0 }, hanging(1, 2)]) {
    line.answers = [answer];
    const whole = fetchWhole("/audio/0", new AbortController().signal);
    const rejected = assert.rejects(whole, /could not be fetched/);
    await pass(9_500);
    assert.equal(line.cancelled, 0);
    await pass(1_000);
    assert.equal(line.cancelled, 1);
    line.cancelled = 0;
    await rejected;
  }
});

test("a slow line that moves is no break", async () => {
  const pieces = [1, 2, 3, 4].map((byte) => ({ piece: [byte], afterMs: 8_000 }));
  line.answers = [{ status: 200, pieces }];
  const whole = fetchWhole("/audio/0", new AbortController().signal);
  await pass(33_000);
  const { blob } = await whole;
  assert.deepEqual([...new Uint8Array(await blob.arrayBuffer())], [1, 2, 3, 4]);
});

test("a fetch that is not wanted any more says so", async () => {
  line.answers = [hanging(1)];
  const life = new AbortController();
  const whole = fetchWhole("/audio/0", life.signal);
  await pass(100);
  life.abort();
  await assert.rejects(whole, { name: "AbortError" });
  assert.equal(line.cancelled, 1);
});
