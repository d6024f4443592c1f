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
}

function stage({ blocks = 10, answers = {} } = {}) {
  const clock = new StageClock();
  const player = new StagePlayer();
  const asked = [];
  const went = [];
  const queue = new Queue({
    player,
    playlist: { complete: true, after: (idx) => (idx + 1 < blocks ? idx + 1 : null) },
    ask: async (what) => {
      asked.push(what);
      return { ready: { next: { title: "Two" } }, next: { address: "/two/" }, ...answers }[what];
    },
    go: (address) => went.push(address),
    clock,
  });
  const titles = [];
  queue.addEventListener("next", ({ detail }) => titles.push(detail.title));
  return { clock, player, asked, went, titles };
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

test("at the end of what was playing it goes on, once", async () => {
  const { clock, player, asked, went } = stage();
  player.become("playing", 9);
  player.become("ended");
  player.become("ended");
  await clock.tick();
  assert.deepEqual(went, ["/two/"]);
  assert.equal(asked.filter((what) => what === "next").length, 1);
});

test("where nothing is next it stays, and who paused is taken nowhere", async () => {
  const last = stage({ answers: { next: { address: null } } });
  last.player.become("playing", 9);
  last.player.become("ended");
  await last.clock.tick();
  assert.deepEqual(last.went, []);
  const paused = stage();
  paused.player.become("playing", 9);
  paused.player.become("paused");
  paused.player.become("ended");
  await paused.clock.tick();
  assert.deepEqual(paused.went, []);
});
