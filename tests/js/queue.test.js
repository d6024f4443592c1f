import assert from "node:assert/strict";
import { test } from "node:test";

import { Queue } from "../../static/js/player/queue.js";
import { StageClock } from "./stage/clock.js";

class StagePlayer extends EventTarget {
  idx = 0;
  state = "idle";
  wantsSound = false;

  become(state, idx = this.idx) {
    this.state = state;
    this.idx = idx;
    this.wantsSound = state === "playing" || state === "loading";
    this.dispatchEvent(new Event("state"));
    this.dispatchEvent(new Event("block"));
  }

  finish(place = {}) {
    this.become("ended");
    this.dispatchEvent(new CustomEvent("finished", { detail: { place } }));
  }
}

function stage({ blocks = 10, answers = {}, begins = false } = {}) {
  const clock = new StageClock();
  const player = new StagePlayer();
  const asked = [];
  const went = [];
  const prepared = [];
  const begun = [];
  const queue = new Queue({
    player,
    playlist: { complete: true, after: (idx) => (idx + 1 < blocks ? idx + 1 : null) },
    ask: async (what) => {
      asked.push(what);
      return { ready: { next: { title: "Two", address: "/two/" } }, next: { address: "/two/" }, ...answers }[what];
    },
    prepare: (address) => prepared.push(address),
    begin: (address, place) => begins && begun.push([address, place]) > 0,
    go: (address) => went.push(address),
    clock,
  });
  const titles = [];
  queue.addEventListener("next", ({ detail }) => titles.push(detail.title));
  return { clock, player, asked, went, prepared, begun, titles };
}

test("near the end what is next is made ready, again and again while it plays", async () => {
  const { clock, player, asked, titles } = stage();
  player.become("playing", 5);
  assert.deepEqual(asked, []);
  player.become("playing", 6);
  player.become("playing", 7);
  await clock.tick(15_000);
  assert.deepEqual(asked, ["ready", "ready"]);
  assert.deepEqual(titles, ["Two", "Two"]);
  player.become("paused");
  await clock.tick(60_000);
  assert.equal(asked.length, 2);
});

test("at its end it goes on, once", async () => {
  const { clock, player, asked, went } = stage();
  player.become("playing", 9);
  player.finish();
  await clock.tick();
  assert.deepEqual(went, ["/two/"]);
  assert.equal(asked.filter((what) => what === "next").length, 1);
});

test("what was made ready begins in the end's own task, where the silence is to end", async () => {
  const { clock, player, prepared, begun, went, asked } = stage({ begins: true });
  player.become("playing", 9);
  await clock.tick();
  assert.deepEqual(prepared, ["/two/"]);
  player.finish({ ms: 120 });
  assert.deepEqual(begun, [["/two/", { ms: 120 }]]);
  await clock.tick();
  assert.deepEqual([begun.length, went.length], [1, 0]);
  assert.equal(asked.at(-1), "next"); // so that it leaves the queue
});

test("where the queue became another one at the last moment, that one counts", async () => {
  const answers = { next: { address: "/three/" } };
  const { clock, player, begun } = stage({ begins: true, answers });
  player.become("playing", 9);
  await clock.tick();
  player.finish();
  await clock.tick();
  assert.deepEqual(begun.map(([address]) => address), ["/two/", "/three/"]);
});

test("where nothing is next it stays, and who paused is taken nowhere", async () => {
  const last = stage({ answers: { ready: { next: null }, next: { address: null } } });
  last.player.become("playing", 9);
  last.player.finish();
  await last.clock.tick();
  assert.deepEqual([last.went, last.prepared], [[], []]);
  const paused = stage();
  paused.player.become("playing", 9);
  paused.player.become("paused");
  await paused.clock.tick();
  assert.deepEqual(paused.went, []);
});

test("what is next does not begin any more once the document is heard again or was left", async () => {
  for (const state of ["playing", "idle"]) {
    let answer;
    const answers = { next: new Promise((resolve) => (answer = resolve)) };
    const { player, went, begun } = stage({ answers, begins: true });
    player.finish();
    player.become(state, 3);
    answer({ address: "/two/" });
    await new Promise(setImmediate);
    assert.deepEqual([went, begun], [[], []]);
  }
});

test("what is told to be next after the end is not made ready", async () => {
  let answer;
  const answers = { ready: new Promise((resolve) => (answer = resolve)), next: {} };
  const { player, prepared } = stage({ answers });
  player.become("playing", 9);
  player.finish();
  answer({ next: { address: "/two/", title: "Two" } });
  await new Promise(setImmediate);
  assert.deepEqual(prepared, []);
});
