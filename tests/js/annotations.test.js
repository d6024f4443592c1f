import assert from "node:assert/strict";
import { mock, test } from "node:test";

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

/** Annotations behind a server that answers each request when the test says so. */
function behindSlowOne() {
  const asked = [];
  const fetch = (url, { signal }) =>
    new Promise((resolve, reject) => {
      const answer = async (content) => {
        resolve(new Response(JSON.stringify(content)));
        await settled();
      };
      asked.push({ answer });
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  return { annotations: new Annotations({ url: "/a/", token: "t", fetch }), asked };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
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

test("what is marked while the list is fetched hides nothing of it", async () => {
  const { annotations, asked } = behindSlowOne();
  const loaded = annotations.load();
  annotations.add(one(null, 3));
  await asked[1].answer(one(2, 3));
  await asked[0].answer({ annotations: [one(1, 5)] }); // It may be older than what was marked.
  assert.deepEqual(ids(annotations), [2]);
  await asked[2].answer({ annotations: [one(1, 5), one(2, 3)] });
  await loaded;
  assert.deepEqual(ids(annotations), [2, 1]);
});

test("of two changes of a note the later one holds, whichever is answered first", async () => {
  const { annotations, asked } = behindSlowOne();
  annotations.load();
  await asked[0].answer({ annotations: [one(1, 5), one(2, 6)] });
  annotations.changeNote(1, "Wh");
  annotations.changeNote(1, "Why?");
  annotations.changeNote(2, "Where?");
  await asked[2].answer({ ...one(1, 5), note: "Why?" });
  await asked[3].answer({ ...one(2, 6), note: "Where?" });
  await asked[1].answer({ ...one(1, 5), note: "Wh" });
  assert.deepEqual(annotations.all.map(({ note }) => note), ["Why?", "Where?"]);
});

test("an answer that does not come, or breaks off, is not waited for", async () => {
  const { annotations } = behindSlowOne();
  const limit = new AbortController();
  const { mock: timeout } = mock.method(AbortSignal, "timeout", () => limit.signal);
  const added = assert.rejects(annotations.add(one(null, 0)), /connection/);
  assert.equal(timeout.callCount(), 1);
  limit.abort();
  await added;
  mock.restoreAll();
  const fetch = async () => new Response('{"id": 1, "ki');
  const broken = new Annotations({ url: "/a/", token: "t", fetch });
  await assert.rejects(broken.add(one(null, 0)), /connection/);
  assert.deepEqual(broken.all, []);
});
