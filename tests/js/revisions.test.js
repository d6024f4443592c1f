import assert from "node:assert/strict";
import { test } from "node:test";

import { Expected } from "../../static/js/document/expected.js";
import { Revisions } from "../../static/js/document/revisions.js";
import { A, audioUrl, cached, ready, synthesize } from "./stage/page.js";
import { openPlayingPage, urls } from "./stage/playing.js";

const SENTENCES = [[0, 10], [10, 20]];
const MARKS = [[0, 4, 0, 500], [5, 9, 500, 1_000], [10, 14, 1_000, 1_500], [15, 19, 1_500, 3_000]];

/** Open a page that plays its first block, and follows what its document becomes. */
async function openRevisedPage() {
  const page = await openPlayingPage({
    followsRevisions: true,
    marks: true,
    loadMarks: async () => MARKS,
    sentences: () => SENTENCES,
  });
  const blocks = {
    size: 20,
    found: [], // by `renew`
    spansOf: () => [[0, 0, 20]],
    skipped: new Set(),
    renew: async () => blocks.found,
    spans: (idx) => blocks.spansOf(idx),
    text: () => "x".repeat(20),
    entries: () =>
      Array.from({ length: 20 }, (_, idx) => ({ idx, chars: 1, skipped: blocks.skipped.has(idx) })),
  };
  page.reloads = 0;
  const revisions = new Revisions({ ...page, blocks, reload: () => (page.reloads += 1) });
  const expected = new Expected(revisions);
  const renewed = [];
  revisions.addEventListener("renewed", ({ detail }) => renewed.push(detail.revision));
  const revise = async (revision = 2) => {
    page.server.socket.tell(ready(A, { revision, block_count: blocks.size }));
    await page.clock.tick(0);
  };
  const tell = (idx, revision = 2, more = {}) =>
    page.server.socket.tell(
      cached(A, idx, { revision, audio_url: audioUrl(A, idx, 9), marks_url: `marks/${idx}`, ...more }),
    );
  return { ...page, page, blocks, revisions, expected, renewed, revise, tell };
}

test("what is heard goes on if nothing else is said in it", async () => {
  const { blocks, clock, sounds, player, page, server, revise, renewed } = await openRevisedPage();
  blocks.found = [7];
  await clock.tick(1_200);
  const [handle] = sounds.sounding;
  await revise();
  assert.deepEqual(sounds.sounding, [handle]);
  assert.equal(player.state, "playing");
  assert.deepEqual(renewed, [2]);
  assert.equal(page.reloads, 0);
  await clock.tick(100);
  const asked = server.socket.takeSent().filter(({ type }) => type === "synthesize");
  assert.deepEqual(asked.at(-1), synthesize([0, 1, 2, 3, 4, 5, 6, 7, 8]));
});

test("a block that is another starts again at its sentence, where that is by now", async () => {
  const { blocks, clock, sounds, player, revise, tell } = await openRevisedPage();
  blocks.found = [0];
  await clock.tick(1_200); // in the second sentence
  blocks.renew = async () => {
    blocks.spansOf = () => [[0, 0, 5], [9, 7, 13]]; // "word two" is said as something longer
    return [0];
  };
  await revise();
  assert.deepEqual(sounds.sounding, []);
  assert.equal(player.isPlaying, true);
  tell(0);
  await clock.tick(100);
  assert.deepEqual(urls(sounds.sounding), [audioUrl(A, 0, 9)]);
  assert.equal(Math.round(player.positionMs / 1_000), 1);
});

test("a block that is as long as before is another all the same where that is expected", async () => {
  const { expected, revisions, sounds, revise } = await openRevisedPage();
  expected.expect(0);
  await revise();
  assert.deepEqual(sounds.sounding, []);
  await revise(3); // only once
  assert.equal(revisions.revision, 3);
});

test("of two revisions that come together the later one is shown last", async () => {
  const { blocks, clock, player, renewed, revisions, revise } = await openRevisedPage();
  const answers = [];
  blocks.renew = () => new Promise((resolve) => answers.push(resolve));
  await clock.tick(1_200);
  await revise(2);
  await revise(3);
  while (answers.length > 0) {
    answers.pop()([]); // of those under way the last one first
    await clock.tick(0);
  }
  assert.deepEqual(renewed, [2, 3]);
  assert.equal(revisions.revision, 3);
  assert.equal(player.isPlaying, true);
});

for (const spans of [[[0, 0, 5], [14, 9, 6]], [[0, 0, 5]]]) {
  test(`a word to begin at that is said otherwise stays it: ${JSON.stringify(spans)}`, async () => {
    const { blocks, clock, player, revise, tell } = await openRevisedPage();
    blocks.spansOf = () => spans; // "word two" is said for "two" behind the fifth letter
    player.playFrom(9, { offset: 5 });
    blocks.found = [9];
    await revise();
    tell(9);
    await clock.tick(100);
    assert.equal(Math.round(player.positionMs / 100), 6); // its mark begins at 500
  });
}

test("what is expected is not taken for come with a revision before", async () => {
  const { blocks, expected, player, revise } = await openRevisedPage();
  const forgotten = [];
  player.forget = (changed) => forgotten.push([...changed]);
  let answer;
  blocks.renew = () => new Promise((resolve) => (answer = resolve));
  await revise(2);
  expected.expect(0);
  expected.expect(0, 3);
  answer([]);
  await revise(3);
  answer([]);
  await revise(4);
  answer([]);
  await revise(4);
  assert.deepEqual(forgotten, [[0], [0], []]);
  expected.expect(0);
  expected.expect(0, 0); // it was refused
  await revise(5);
  answer([]);
  await revise(5);
  assert.deepEqual(forgotten.at(-1), []);
});

test("fewer blocks are noticed while a revision is still being fetched", async () => {
  const { blocks, page } = await openRevisedPage();
  blocks.renew = () => new Promise(() => {});
  page.server.socket.tell(ready(A, { revision: 2, block_count: blocks.size }));
  await page.clock.tick(0);
  page.server.socket.tell(ready(A, { revision: 3, block_count: blocks.size - 1 }));
  await page.clock.tick(0);
  assert.equal(page.reloads, 1);
});

test("what was fetched ahead of a block that is another is not heard", async () => {
  const { blocks, clock, sounds, revise, tell } = await openRevisedPage();
  blocks.found = [1];
  await revise();
  tell(1);
  await clock.tick(4_000);
  assert.deepEqual(urls(sounds.sounding), [audioUrl(A, 1, 9)]);
});

test("a block of which nothing is said any more is left", async () => {
  const { blocks, player, revise } = await openRevisedPage();
  blocks.found = [0];
  blocks.skipped.add(0);
  await revise();
  assert.equal(player.idx, 1);
  assert.equal(player.isPlaying, true);
});

test("a page that is silent stays so", async () => {
  const { blocks, player, sounds, clock, revise, tell } = await openRevisedPage();
  player.pause();
  blocks.found = [0, 1];
  await revise();
  tell(0);
  await clock.tick(1_000);
  assert.deepEqual(sounds.sounding, []);
  assert.equal(player.state, "paused");
});

test("a page whose blocks show something else, or are fewer, is loaded anew", async () => {
  const { blocks, page, revise } = await openRevisedPage();
  blocks.found = null;
  await revise();
  assert.equal(page.reloads, 1);
  blocks.found = [];
  blocks.size = 21;
  page.server.socket.tell(ready(A, { revision: 3, block_count: 20 }));
  await page.clock.tick(0);
  assert.equal(page.reloads, 2);
});
