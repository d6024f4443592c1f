import assert from "node:assert/strict";
import { test } from "node:test";

import { surroundings } from "../../static/js/text/find.js";

const TEXT = "In the beginning there was a lamp, and whoever came by could read under it for a while.";
const around = (text, words) => {
  const start = text.indexOf(words);
  return surroundings(text, start, start + words.length);
};

test("what stands around a place is cut between words", () => {
  assert.deepEqual(around(TEXT, "came"), [
    "…there was a lamp, and whoever ",
    "came",
    " by could read under it for a while.",
  ]);
  assert.deepEqual(around(TEXT, "there"), [
    "In the beginning ",
    "there",
    " was a lamp, and whoever came by could…",
  ]);
  assert.deepEqual(around("a short one", "short"), ["a ", "short", " one"]);
  // Where there are no spaces, it is cut where it must be.
  const forty = "字".repeat(40);
  const far = "字".repeat(60);
  assert.deepEqual(around(`${far}灯${far}`, "灯"), ["…" + forty, "灯", forty + "…"]);
});
