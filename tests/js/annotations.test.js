import assert from "node:assert/strict";
import { test } from "node:test";

import { Annotations } from "../../static/js/panel/annotations.js";

const one = (id, block_idx) => ({
  id,
  kind: "highlight",
  block_idx,
  start: 0,
  end_block_idx: block_idx,
  end: 4,
  quote: "text",
  note: "",
});

/** Annotations behind a server that answers in turn, or not at all. */
function behind(...answers) {
  const asked = [];
  const fetch = async (url, { method, body }) => {
    asked.push([method, url, body && Object.fromEntries(body)]);
    const answer = answers.shift();
    if (answer === undefined) throw new TypeError("network");
    const [status, content] = answer;
    return new Response(status === 204 ? null : JSON.stringify(content), { status });
  };
  const annotations = new Annotations({ url: "/a/", token: "t", fetch });
  return { annotations, asked };
}

const ids = ({ all }) => all.map(({ id }) => id);

test("what is marked is kept in reading order", async () => {
  const { annotations, asked } = behind(
    [200, { annotations: [one(1, 5)] }],
    [201, one(2, 3)],
    [200, { ...one(1, 5), note: "Why?" }],
    [204],
  );
  let changes = 0;
  annotations.addEventListener("change", () => (changes += 1));
  await annotations.load();
  await annotations.add(one(null, 3));
  assert.deepEqual(ids(annotations), [2, 1]);
  await annotations.changeNote(1, "Why?");
  assert.equal(annotations.all[1].note, "Why?");
  await annotations.remove(2);
  assert.deepEqual(ids(annotations), [1]);
  assert.equal(changes, 4);
  assert.deepEqual(asked.map(([method, url]) => `${method} ${url}`), [
    "GET /a/", "POST /a/", "POST /a/1/", "DELETE /a/2/",
  ]);
  assert.equal("quote" in asked[1][2], false);
});

test("what is marked already stays one", async () => {
  const { annotations } = behind([200, { annotations: [one(1, 5)] }], [201, one(1, 5)]);
  await annotations.load();
  await annotations.add(one(null, 5));
  assert.deepEqual(ids(annotations), [1]);
});

test("what another page deleted is gone here too", async () => {
  const { annotations } = behind([200, { annotations: [one(1, 5)] }], [404, {}]);
  await annotations.load();
  await annotations.remove(1);
  assert.deepEqual(ids(annotations), []);
});

test("what could not be kept says why and changes nothing", async () => {
  const { annotations } = behind([400, { errors: { __all__: ["Too long."] } }], [403, {}]);
  await assert.rejects(annotations.add(one(null, 0)), { message: "Too long." });
  await assert.rejects(annotations.add(one(null, 0)), /signed out/);
  await assert.rejects(annotations.add(one(null, 0)), /connection/);
  assert.deepEqual(annotations.all, []);
});
