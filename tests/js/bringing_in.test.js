import assert from "node:assert/strict";
import { test } from "node:test";

import { bringIn } from "../../static/js/library/bringing_in.js";
import { Life } from "../../static/js/life.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const window = new EventTarget();
const requests = [];

/** An element with as much as a row of an upload asks of one. */
const element = () =>
  Object.assign(new EventTarget(), {
    dataset: { url: "/new/", maxMb: "50" },
    content: { firstElementChild: { cloneNode: element } },
    querySelector: element,
    contains: () => false,
    append() {},
    remove() {},
    replaceChildren() {},
  });

globalThis.document = Object.assign(element(), { getElementById: element, createElement: element });
globalThis.addEventListener = window.addEventListener.bind(window);
globalThis.removeEventListener = window.removeEventListener.bind(window);
globalThis.XMLHttpRequest = class {
  upload = {};
  constructor() {
    requests.push(this);
  }
  open() {}
  setRequestHeader() {}
  send() {}
  abort() {
    this.onabort();
  }
};

/** Whether the browser would ask before the window is left. */
function isAsked() {
  const event = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(event);
  return event.defaultPrevented;
}

test("who leaves the window is asked while something is sent, though another page is shown", async () => {
  const life = new Life();
  const arrivals = life.make(() => bringIn());
  life.wake();
  assert.equal(isAsked(), false);
  arrivals.addFile(new File(["a"], "a.txt"));
  assert.equal(isAsked(), true);
  life.end();
  assert.equal(isAsked(), true);
  Object.assign(requests[0], { status: 201, response: { url: "/a/", title: "a" } }).onload();
  await settled();
  assert.equal(isAsked(), false);
});

test("what is taken back while it is sent is not asked about", async () => {
  const arrivals = bringIn();
  arrivals.dismiss(arrivals.addFile(new File(["a"], "a.txt")));
  await settled();
  assert.equal(isAsked(), false);
});
