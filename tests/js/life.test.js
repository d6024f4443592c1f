import assert from "node:assert/strict";
import { test } from "node:test";

import { Life, atEnd, listen, whenShown } from "../../static/js/life.js";

function heardBy(make) {
  const target = new EventTarget();
  const heard = [];
  const life = new Life();
  life.make(() => make(target, (what) => heard.push(what)));
  return { life, heard, tell: () => target.dispatchEvent(new Event("key")) };
}

test("what is shown hears the window, what rests does not, and what has ended never again", () => {
  const { life, heard, tell } = heardBy((target, say) => listen(target, "key", () => say("key")));
  tell();
  assert.deepEqual(heard, []); // It is not shown yet.
  life.wake();
  life.wake();
  tell();
  assert.deepEqual(heard, ["key"]);
  life.rest();
  tell();
  assert.deepEqual(heard, ["key"]);
  life.wake();
  tell();
  assert.deepEqual(heard, ["key", "key"]);
  life.end();
  life.wake();
  tell();
  assert.deepEqual(heard, ["key", "key"]);
});

test("what is listened to away is heard until the end", () => {
  const { life, heard, tell } = heardBy((target, say) => {
    listen(target, "key", () => say("away"), { away: true });
  });
  tell();
  life.wake();
  life.rest();
  tell();
  life.end();
  tell();
  assert.deepEqual(heard, ["away", "away"]);
});

test("what is due when it is shown is done each time, and at the end once", () => {
  const { life, heard } = heardBy((target, say) => {
    whenShown(() => say("shown"));
    atEnd(() => say("end"));
  });
  assert.deepEqual(heard, []);
  life.wake();
  life.rest();
  life.wake();
  life.end();
  life.end();
  assert.deepEqual(heard, ["shown", "shown", "end"]);
});

test("where no page is made, it is listened to for good", () => {
  const target = new EventTarget();
  let heard = 0;
  listen(target, "key", () => (heard += 1), { once: true });
  whenShown(() => (heard += 10));
  target.dispatchEvent(new Event("key"));
  assert.equal(heard, 11);
});
