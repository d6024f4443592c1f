import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Favourites } from "../../static/js/voices/favourites.js";

const A = { model_slug: "m", voice_slug: "a" };
const B = { model_slug: "m", voice_slug: "b" };
const settled = () => new Promise((resolve) => setImmediate(resolve));
let sent; // each {url, isOne, signal, answer(status), fail()}
let stored; // what the server has
let failed;
let favourites;

beforeEach(() => {
  sent = [];
  stored = new Map();
  failed = 0;
  globalThis.fetch = (url, { body, signal }) =>
    new Promise((resolve, reject) => {
      const isOne = body.get("favourite") === "true";
      const answer = async (status) => {
        if (status < 400) stored.set(url, isOne);
        resolve(new Response(null, { status }));
        await settled();
      };
      const fail = async () => {
        reject(new TypeError("network"));
        await settled();
      };
      sent.push({ url, isOne, signal, answer, fail });
    });
  favourites = new Favourites({ url: "MODEL/VOICE", token: "t", voices: [A, B] });
  favourites.addEventListener("failed", () => (failed += 1));
});

async function press(...voices) {
  for (const voice of voices) {
    favourites.toggle(voice);
    await settled();
  }
}

test("a press shows at once, is sent, and is taken back where it could not be kept", async () => {
  await press(A);
  assert.equal(favourites.has(A), true);
  assert.ok(sent[0].signal, "an answer is not waited for without end");
  await sent[0].answer(204);
  assert.equal(favourites.has(A), true);
  await press(A);
  await sent[1].answer(500);
  assert.deepEqual([favourites.has(A), failed], [true, 1]);
});

test("the last press holds, though the first of them fails", async () => {
  await press(A, A, A);
  await sent[0].fail();
  await sent[1].answer(204);
  await sent[2]?.answer(204); // The second need not be sent.
  assert.equal(stored.get("m/a"), true);
  assert.deepEqual([favourites.has(A), failed], [true, 0]);
});

test("where all presses fail, it is what it was", async () => {
  await press(A, A);
  await sent[0].fail();
  await sent[1].fail();
  assert.deepEqual([favourites.has(A), failed], [false, 1]);
});

test("what fails of one voice is no matter of another's", async () => {
  await press(A, B);
  await sent[0].fail();
  await sent[1].answer(204);
  assert.deepEqual([favourites.has(A), favourites.has(B), failed], [false, true, 1]);
});
