import assert from "node:assert/strict";
import { test } from "node:test";

import { Arrivals } from "../../static/js/library/arrivals.js";
import { isAddress } from "../../static/js/library/pasting.js";

/** A server that answers when the test says so. */
class Server {
  asked = [];

  post = (fields, onProgress) => {
    const asked = { fields: { ...fields }, onProgress, isAborted: false };
    asked.answered = new Promise((resolve, reject) => Object.assign(asked, { resolve, reject }));
    this.asked.push(asked);
    return {
      answered: asked.answered,
      abort: () => {
        asked.isAborted = true;
        asked.reject(new Error("aborted"));
      },
    };
  };

  async answer(number, status, body = null) {
    this.asked[number].resolve({ status, body });
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const file = (name, size = 10) => ({ name, size });
const made = (name) => ({ url: `/documents/${name}/`, title: name });

function stage(options = {}) {
  const server = new Server();
  const arrivals = new Arrivals({ post: server.post, ...options });
  return { server, arrivals };
}

test("two are sent at a time, and the others wait for their turn", async () => {
  const { server, arrivals } = stage();
  const all = ["a", "b", "c", "d"].map((name) => arrivals.addFile(file(name)));
  const states = () => all.map(({ state }) => state);
  assert.deepEqual(states(), ["sending", "sending", "waiting", "waiting"]);
  assert.equal(server.asked.length, 2);
  await server.answer(1, 201, made("b"));
  assert.deepEqual(states(), ["sending", "done", "sending", "waiting"]);
  await server.answer(0, 422, { errors: { file: ["It is empty."] }, known: null });
  assert.deepEqual(states(), ["failed", "done", "sending", "sending"]);
  assert.equal(all[0].error, "It is empty.");
  assert.equal(all[1].url, "/documents/b/");
  assert.equal(arrivals.isBusy, true);
  await server.answer(2, 201, made("c"));
  await server.answer(3, 201, made("d"));
  assert.equal(arrivals.isBusy, false);
});

test("how far it is, is told", () => {
  const { server, arrivals } = stage();
  const arrival = arrivals.addFile(file("a"));
  const told = [];
  arrivals.addEventListener("changed", () => told.push(arrival.sent));
  server.asked[0].onProgress(5, 10);
  server.asked[0].onProgress(10, 10);
  assert.deepEqual(told, [0.5, 1]);
});

test("what is taken back while it waits is never sent, while it is sent it is broken off", async () => {
  const { server, arrivals } = stage();
  const [first, , third] = ["a", "b", "c"].map((name) => arrivals.addFile(file(name)));
  arrivals.dismiss(third);
  arrivals.dismiss(first);
  await settled();
  assert.equal(server.asked[0].isAborted, true);
  assert.equal(first.state, "gone");
  assert.equal(server.asked.length, 2);
});

test("the place of what was broken off goes to the next", async () => {
  const { server, arrivals } = stage();
  const all = ["a", "b", "c"].map((name) => arrivals.addFile(file(name)));
  arrivals.dismiss(all[0]);
  await settled();
  assert.deepEqual(server.asked.map(({ fields }) => fields.file.name), ["a", "b", "c"]);
});

test("a file that is too large is not sent at all", () => {
  const { server, arrivals } = stage({ maxBytes: 50 * 1024 ** 2 });
  const arrival = arrivals.addFile(file("huge", 50 * 1024 ** 2 + 1));
  assert.equal(arrival.state, "failed");
  assert.equal(arrival.error, "This file is larger than the 50 MB that are taken here.");
  assert.equal(server.asked.length, 0);
});

test("what is known can be brought in again all the same", async () => {
  const { server, arrivals } = stage();
  const arrival = arrivals.addFile(file("a"));
  await server.answer(0, 422, { errors: { __all__: ["Before."] }, known: made("old") });
  assert.deepEqual([arrival.error, arrival.known.url], ["Before.", "/documents/old/"]);
  arrivals.retry(arrival, { again: true });
  assert.equal(server.asked[1].fields.again, "on");
  await server.answer(1, 201, made("a"));
  assert.deepEqual([arrival.state, arrival.known], ["done", null]);
});

test("a broken connection, a sign-in page and a failure are told, and can be tried again", async () => {
  const { server, arrivals } = stage();
  const arrival = arrivals.addAddress("https://example.org/");
  server.asked[0].reject(new Error("offline"));
  await settled();
  assert.match(arrival.error, /did not get through/);
  assert.equal(arrival.mayRetry, true);
  arrivals.retry(arrival);
  await server.answer(1, 200);
  assert.match(arrival.error, /signed out/);
  arrivals.retry(arrival);
  await server.answer(2, 500);
  assert.match(arrival.error, /went wrong/);
  arrivals.retry(arrival);
  await server.answer(3, 413);
  assert.match(arrival.error, /larger/);
  assert.equal(arrival.mayRetry, false);
});

test("a full disk over there is told in its words, and can be tried again", async () => {
  const { server, arrivals } = stage();
  const arrival = arrivals.addFile({ name: "a.txt", size: 10 });
  for (const [at, status] of [507, 503].entries()) {
    await server.answer(at, status, { errors: { __all__: ["There is no room left."] } });
    assert.deepEqual([arrival.error, arrival.mayRetry], ["There is no room left.", true]);
    arrivals.retry(arrival);
  }
  await server.answer(2, 503); // of a proxy
  assert.match(arrival.error, /went wrong/);
});

test("a text is sent only after it was asked for", () => {
  const { server, arrivals } = stage();
  const arrival = arrivals.offerText("A long text.", "“A long text.”");
  assert.deepEqual([arrival.state, server.asked.length], ["asking", 0]);
  assert.equal(arrivals.isBusy, false);
  arrivals.confirm(arrival);
  assert.deepEqual(server.asked[0].fields, { text: "A long text." });
});

test("one address is told from all else", () => {
  for (const text of ["https://example.org", "HTTP://a.b/c?d=e#f", "http://127.0.0.1:8000/x"]) {
    assert.equal(isAddress(text), true, text);
  }
  const others = ["", "example.org", "https://", "https:///x", "https://a b", "ftp://a.b",
    "See https://a.b", "https://a.b https://c.d", "javascript:alert(1)", "https://a.b\nmore"];
  for (const text of others) assert.equal(isAddress(text), false, text);
});
