import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const page = new EventTarget();
globalThis.addEventListener = page.addEventListener.bind(page);
const { Saver } = await import("../../static/js/saver.js");

const settled = () => new Promise((resolve) => setImmediate(resolve));
const MOMENT = 600;
let asked; // what was posted, each {values, answer(status), fail()}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = [];
  globalThis.fetch = (url, { body }) =>
    new Promise((resolve, reject) => {
      asked.push({
        values: Object.fromEntries(body),
        answer: (status) => resolve(new Response(null, { status })),
        fail: () => reject(new TypeError("network")),
      });
    });
});

async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
}

const posted = () => asked.map(({ values }) => values);

test("what is chosen is saved at once, and what comes right after it together", async () => {
  const saver = new Saver({ url: "/p/", token: "t", about: { document: "d" } });
  saver.save({ speed: "1.1" });
  assert.deepEqual(posted(), [{ speed: "1.1", document: "d" }]);
  asked[0].answer(204);
  await settled();
  saver.save({ speed: "1.2" });
  saver.save({ speed: "1.3", volume: "0.5" });
  assert.equal(asked.length, 1);
  await pass(MOMENT);
  assert.deepEqual(posted().slice(1), [{ speed: "1.3", volume: "0.5", document: "d" }]);
});

test("one request goes out after the other, and none is forgotten", async () => {
  const saver = new Saver({ url: "/p/", token: "t" });
  saver.save({ speed: "1.1" });
  await pass(MOMENT);
  saver.save({ speed: "1.2" });
  await pass(MOMENT);
  assert.equal(asked.length, 1);
  asked[0].answer(204);
  await settled();
  assert.deepEqual(posted(), [{ speed: "1.1" }, { speed: "1.2" }]);
});

test("what could not be saved is when there is a connection again, as chosen last", async () => {
  let troubles = 0;
  for (const fail of [({ fail }) => fail(), ({ answer }) => answer(503)]) {
    asked = [];
    const saver = new Saver({ url: "/p/", token: "t", onTrouble: () => (troubles += 1) });
    saver.save({ speed: "1.1", volume: "0.5" });
    await pass(MOMENT);
    saver.save({ speed: "1.2" });
    fail(asked[0]);
    await settled();
    saver.again();
    assert.deepEqual(posted()[1], { speed: "1.2", volume: "0.5" });
  }
  assert.equal(troubles, 2);
});

test("a page that is left saves what is under way too, and the older one changes nothing", async () => {
  const saver = new Saver({ url: "/p/", token: "t" });
  saver.save({ speed: "1.1" });
  saver.save({ speed: "1.2" });
  page.dispatchEvent(new Event("pagehide"));
  assert.deepEqual(posted(), [{ speed: "1.1" }, { speed: "1.2" }]);
  asked[1].answer(204);
  asked[0].fail();
  await settled();
  saver.again();
  assert.deepEqual(posted().slice(2), [{ speed: "1.2" }]);
});

test("what the server refuses is not sent again", async () => {
  const saver = new Saver({ url: "/p/", token: "t" });
  saver.save({ voice_slug: "gone" });
  asked[0].answer(400);
  await pass(MOMENT);
  saver.again();
  assert.equal(asked.length, 1);
});

test("what is chosen while something is refused, or breaks off, is saved after it", async () => {
  for (const end of [({ answer }) => answer(400), ({ fail }) => fail()]) {
    asked = [];
    const saver = new Saver({ url: "/p/", token: "t" });
    saver.save({ voice_slug: "gone" });
    saver.save({ speed: "1.2" });
    await pass(MOMENT); // it is due now, and waits for the answer
    assert.equal(asked.length, 1);
    end(asked[0]);
    await settled();
    assert.equal(asked.length, 2);
    assert.equal(posted()[1].speed, "1.2");
  }
});
