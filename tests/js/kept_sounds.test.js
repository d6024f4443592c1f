import assert from "node:assert/strict";
import { test } from "node:test";

import { KeptSounds } from "../../static/js/sound/kept_sounds.js";
import { soundOf, stageKept } from "./stage/kept.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

const notedUrls = ({ index }) => [...index.entries.keys()];

test("what is kept is found as it was, with its silences", async () => {
  const { kept, index } = stageKept();
  await kept.keep("/audio/a/", soundOf(100, 3));
  const { blob, silence } = await kept.find("/audio/a/");
  assert.deepEqual(new Uint8Array(await blob.arrayBuffer()), new Uint8Array(100).fill(3));
  assert.equal(blob.type, "audio/wav");
  assert.deepEqual(silence, [10, 20]);
  assert.equal(index.entries.get("/audio/a/").document, "a");
});

test("what is not kept is not found", async () => {
  assert.equal(await stageKept().kept.find("/audio/a/"), null);
});

test("a sound that is not as long as it should be is not kept", async () => {
  const stage = stageKept();
  await stage.kept.keep("/audio/a/", { ...soundOf(100), bytes: 101 });
  await stage.kept.keep("/audio/b/", { ...soundOf(100), bytes: null });
  assert.deepEqual([stage.urls(), notedUrls(stage)], [[], []]);
});

test("what was heard least recently is thrown out first", async () => {
  const stage = stageKept({ limit: 300 });
  for (const name of ["a", "b", "c"]) await stage.kept.keep(name, soundOf(100));
  await stage.kept.find("a");
  await stage.kept.keep("d", soundOf(150));
  assert.deepEqual(stage.urls(), ["a", "d"]);
  assert.deepEqual(notedUrls(stage), ["a", "d"]);
});

test("what is larger than all that may be kept throws nothing out", async () => {
  const stage = stageKept({ limit: 300 });
  await stage.kept.keep("a", soundOf(100));
  await stage.kept.keep("b", soundOf(301));
  assert.deepEqual(stage.urls(), ["a"]);
});

test("a sound that is kept again counts once", async () => {
  const stage = stageKept({ limit: 300 });
  await stage.kept.keep("a", soundOf(100));
  await stage.kept.keep("b", soundOf(200));
  await stage.kept.keep("b", soundOf(200));
  assert.deepEqual(stage.urls(), ["a", "b"]);
});

test("a lower limit holds once it is asked for", async () => {
  const stage = stageKept({ limit: 300 });
  for (const name of ["a", "b", "c"]) await stage.kept.keep(name, soundOf(100));
  const lower = new KeptSounds({ ...stage, name: "lectern-sounds-7", limit: 250 });
  await lower.trim();
  assert.deepEqual(stage.urls(), ["b", "c"]);
});

for (const [what, damaged] of [
  ["another size", soundOf(99).blob],
  ["other bytes", soundOf(100, 2).blob],
  ["nothing in it", new Blob([])],
]) {
  test(`a sound with ${what} is thrown away and can be kept anew`, async () => {
    const stage = stageKept();
    await stage.kept.keep("a", soundOf(100));
    await stage.damage("a", damaged);
    assert.equal(await stage.kept.find("a"), null);
    assert.deepEqual([stage.urls(), notedUrls(stage)], [[], []]);
    await stage.kept.keep("a", soundOf(100));
    assert.notEqual(await stage.kept.find("a"), null);
  });
}

test("a note without its sound is thrown away", async () => {
  const stage = stageKept();
  await stage.kept.keep("a", soundOf(100));
  stage.caches.stores.clear();
  assert.equal(await stage.kept.find("a"), null);
  assert.deepEqual(notedUrls(stage), []);
});

test("when the browser has no room left, the oldest make place", async () => {
  const stage = stageKept();
  stage.caches.roomBytes = 300;
  for (const name of ["a", "b", "c", "d"]) await stage.kept.keep(name, soundOf(100));
  assert.deepEqual(stage.urls(), ["c", "d"]);
  assert.deepEqual(notedUrls(stage), ["c", "d"]);
});

test("a browser that takes nothing at all is let be, and nothing is noted", async () => {
  const stage = stageKept();
  stage.caches.roomBytes = 0;
  await stage.kept.keep("a", soundOf(100));
  assert.deepEqual([stage.urls(), notedUrls(stage)], [[], []]);
});

test("marks are fetched once, and count towards the limit", async () => {
  const stage = stageKept();
  let fetched = 0;
  const load = async () => [[0, 4, 0, ++fetched]];
  assert.deepEqual(await stage.kept.json("m", load), [[0, 4, 0, 1]]);
  await settle();
  assert.deepEqual(await stage.kept.json("m", load), [[0, 4, 0, 1]]);
  assert.equal(fetched, 1);
  assert.equal((await stage.kept.figures()).entries[0].bytes, "[[0,4,0,1]]".length);
});

test("marks that cannot be had are not kept, and it is told", async () => {
  const stage = stageKept();
  await assert.rejects(
    stage.kept.json("m", () => Promise.reject(new Error("HTTP 404"))),
    /404/,
  );
  assert.deepEqual(stage.urls(), []);
});

test("a document is cleared without the others", async () => {
  const stage = stageKept();
  await stage.kept.keep("a", soundOf(100));
  await stage.open("b").keep("b", soundOf(100));
  await stage.kept.dropDocument("a");
  assert.deepEqual([stage.urls(), notedUrls(stage)], [["b"], ["b"]]);
  await stage.kept.dropAll();
  assert.deepEqual([stage.urls(), notedUrls(stage)], [[], []]);
});

test("it is counted what came from here and what did not", async () => {
  const { kept } = stageKept();
  await kept.keep("a", soundOf(100));
  await kept.heard();
  await kept.heard();
  const { hits, misses } = await kept.figures();
  assert.deepEqual([hits, misses], [2, 1]);
  await kept.dropAll();
  assert.deepEqual(await kept.figures(), { entries: [], hits: 0, misses: 0 });
});

test("after signing out nothing more is kept, not even what was under way", async () => {
  const stage = stageKept();
  const { put } = stage.index;
  stage.index.put = async (entry) => {
    await put(entry);
    stage.index.isGone = true; // another tab signs out between the note and the sound
    stage.caches.stores.clear();
  };
  await stage.kept.keep("a", soundOf(100));
  await stage.kept.keep("b", soundOf(100));
  assert.deepEqual([...stage.caches.stores.keys()], []);
});

test("without a limit nothing is kept and nothing is asked for", async () => {
  const kept = new KeptSounds({});
  await kept.keep("a", soundOf(100));
  assert.equal(await kept.find("a"), null);
  assert.deepEqual(await kept.json("m", async () => [1]), [1]);
  await kept.heard();
  await kept.drop("a");
});

test("a database that fails or hangs does not keep anyone from listening", async (t) => {
  const failing = stageKept();
  failing.index.get = () => Promise.reject(new Error("broken"));
  assert.equal(await failing.kept.find("a"), null);

  const hanging = stageKept();
  let asked = 0;
  hanging.index.get = () => {
    asked += 1;
    return new Promise(() => {});
  };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const found = hanging.kept.find("a");
  t.mock.timers.tick(2_000);
  assert.equal(await found, null);
  assert.equal(await hanging.kept.find("a"), null);
  assert.equal(asked, 1);
});
