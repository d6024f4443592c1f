import assert from "node:assert/strict";
import { test } from "node:test";

import { OtherPages } from "../../static/js/session/other_pages.js";
import { A, cached, openReadyPage, ready } from "./stage/page.js";

function openPageAmongOthers() {
  const page = openReadyPage();
  const { session, player, clock } = page;
  for (let idx = 0; idx < 20; idx++) page.server.socket.tell(cached(A, idx));
  const others = new OtherPages({ session, player, clock });
  page.server.socket.tell(ready(A));
  return { ...page, others };
}

const hear = ({ server }, block_idx, about = {}) =>
  server.socket.tell({
    type: "position",
    block_idx,
    offset_ms: 700,
    session_id: "phone",
    device: "Safari on iPhone",
    playing: true,
    ...about,
  });

async function play(page) {
  page.player.play();
  await page.clock.tick(100);
  assert.equal(page.player.state, "playing");
  page.server.socket.takeSent();
}

const place = ({ player }) => [player.idx, player.positionMs];

test("a silent page is where the one that plays is, and says so", () => {
  const page = openPageAmongOthers();
  hear(page, 4);
  assert.deepEqual(place(page), [4, 700]);
  assert.equal(page.player.state, "idle");
  const { device, blockIdx } = page.others.playing;
  assert.deepEqual([device, blockIdx], ["Safari on iPhone", 4]);
  assert.equal(page.others.tookOver, false);
  hear(page, 5, { playing: false });
  assert.deepEqual([place(page), page.others.playing], [[5, 700], null]);
});

test("a page that does not say whether it plays is followed all the same", () => {
  const page = openPageAmongOthers();
  hear(page, 4, { playing: undefined, device: undefined });
  assert.deepEqual([place(page), page.others.playing], [[4, 700], null]);
});

test("continuing here plays from that very place and says so", async () => {
  const page = openPageAmongOthers();
  hear(page, 4);
  page.server.socket.takeSent();
  page.others.takeOver();
  await page.clock.tick(0);
  assert.deepEqual(
    page.server.socket.takeSent().filter(({ type }) => type === "save_position"),
    [{ type: "save_position", block_idx: 4, offset_ms: 700, playing: true }],
  );
  assert.equal(page.others.playing, null);
  await page.clock.tick(100);
  assert.equal(page.player.state, "playing");
});

test("a page that plays gives way to one that begins, and tells it so", async () => {
  const page = openPageAmongOthers();
  await play(page);
  await page.clock.tick(3_000);
  page.server.socket.takeSent();
  hear(page, 9);
  assert.deepEqual(page.sounds.sounding, []);
  assert.deepEqual([place(page), page.others.tookOver], [[9, 700], true]);
  assert.deepEqual(
    page.server.socket.takeSent().filter(({ type }) => type === "save_position"),
    [{ type: "save_position", block_idx: 9, offset_ms: 700, playing: false }],
  );
  hear(page, 10);
  assert.deepEqual([page.others.playing.blockIdx, page.others.tookOver], [10, true]);
  hear(page, 10, { playing: false });
  assert.deepEqual([page.others.playing, page.others.tookOver], [null, false]);
});

test("a page that plays is moved by no other", async () => {
  const page = openPageAmongOthers();
  await play(page);
  await page.clock.tick(2_500);
  hear(page, 15, { playing: false });
  hear(page, 16, { playing: undefined });
  assert.equal(page.player.state, "playing");
  assert.equal(page.player.idx, 0);
});

test("what was on its way when this page began does no harm", async () => {
  const page = openPageAmongOthers();
  hear(page, 4);
  page.others.takeOver();
  await page.clock.tick(1_000);
  hear(page, 4);
  await page.clock.tick(5_000);
  hear(page, 5);
  hear(page, 5);
  assert.equal(page.player.state, "playing");
});

test("a page that has just come does not give way to what it could not know of", async () => {
  const page = openPageAmongOthers();
  page.player.play();
  await page.clock.tick(1_000);
  hear(page, 4);
  assert.equal(page.player.idx, 0);
  assert.equal(page.player.wantsSound, true);
  await page.clock.tick(2_000);
  hear(page, 4);
  assert.equal(page.player.wantsSound, false);
});

test("playback taken back at once is given back at once", async () => {
  const page = openPageAmongOthers();
  hear(page, 4);
  page.others.takeOver();
  await page.clock.tick(200);
  hear(page, 4, { playing: false });
  await page.clock.tick(200);
  hear(page, 4);
  assert.deepEqual(page.sounds.sounding, []);
  assert.equal(page.others.tookOver, true);
});

test("of several others the one that plays is followed", () => {
  const page = openPageAmongOthers();
  hear(page, 4);
  hear(page, 12, { session_id: "tablet", playing: false });
  assert.deepEqual([place(page), page.others.playing.blockIdx], [[4, 700], 4]);
  hear(page, 13, { session_id: "tablet" });
  assert.deepEqual([place(page), page.others.playing.blockIdx], [[13, 700], 13]);
});

test("a page that is not heard of any more does not play", async () => {
  const page = openPageAmongOthers();
  hear(page, 4);
  await page.clock.tick(19_000);
  assert.notEqual(page.others.playing, null);
  await page.clock.tick(1_000);
  assert.equal(page.others.playing, null);
});

test("a page that comes back is where the person went meanwhile, unless it plays", async () => {
  const page = openPageAmongOthers();
  page.session.dispatchEvent(
    new CustomEvent("back", { detail: { blockIdx: 8, offsetMs: 40 } }),
  );
  assert.deepEqual(place(page), [8, 40]);
  await play(page);
  page.session.dispatchEvent(
    new CustomEvent("back", { detail: { blockIdx: 2, offsetMs: 0 } }),
  );
  assert.equal(page.player.idx, 8);
  assert.equal(page.player.state, "playing");
});

test("two pages of one person, whatever is pressed: at most one plays in the end", async () => {
  const pages = [openPageAmongOthers(), openPageAmongOthers()];
  for (const page of pages) await page.clock.tick(10_000);
  const tick = async (ms) => {
    for (let at = 0; at < ms; at += 100) {
      for (const page of pages) await page.clock.tick(100);
      pages.forEach((page, at) => {
        for (const { type, ...saved } of page.server.socket.takeSent()) {
          if (type !== "save_position") continue;
          hear(pages[1 - at], saved.block_idx, { ...saved, session_id: "az"[at] });
        }
      });
    }
  };
  for (const at of [0, 1, 0, 1, 1, 0]) {
    pages[at].player.play();
    await tick(300);
    assert.deepEqual(
      pages.map(({ sounds }) => sounds.sounding.length),
      at === 0 ? [1, 0] : [0, 1],
    );
  }
  for (const page of pages) page.player.play(); // at the same moment
  await tick(15_000);
  assert.equal(pages.filter(({ sounds }) => sounds.sounding.length > 0).length, 1);
});
