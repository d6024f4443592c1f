import assert from "node:assert/strict";
import { test } from "node:test";

import { Reorder } from "../../static/js/library/reorder.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A list of items as long as their names, what is said of it, and a server that answers when told. */
function stage(names) {
  const listeners = {};
  const list = {
    dataset: { url: "/queue/order/" },
    children: [...names].map((name) => new Item(name)),
    addEventListener: (type, act) => (listeners[type] = act),
  };
  for (const item of list.children) item.list = list;
  const told = { textContent: "", classList: { toggle() {} } };
  const sent = [];
  globalThis.fetch = (url, { body, signal }) =>
    new Promise((resolve, reject) => {
      const answer = async (status) => {
        resolve(new Response(null, { status }));
        await settled();
      };
      const fail = async () => {
        reject(new TypeError("network"));
        await settled();
      };
      sent.push({ order: body.getAll("uuid").join(""), signal, answer, fail });
    });
  new Reorder({ list, told, token: "t" });
  const down = async (name) => {
    const target = list.children.find(({ dataset }) => dataset.uuid === name);
    listeners.keydown({ key: "ArrowDown", altKey: true, target, preventDefault() {} });
    await settled();
  };
  return { list, told, sent, down };
}

class Item {
  #keys = [{}, {}];

  constructor(name) {
    this.dataset = { uuid: name };
  }

  get nextElementSibling() {
    return this.list.children[this.list.children.indexOf(this) + 1] ?? null;
  }

  after(item) {
    const { children } = this.list;
    children.splice(children.indexOf(item), 1);
    children.splice(children.indexOf(this) + 1, 0, item);
  }

  closest = () => this;
  focus() {}
  querySelector = () => ({ textContent: this.dataset.uuid });
  querySelectorAll = () => this.#keys;
}

const orders = (sent) => sent.map(({ order }) => order);

test("one order is sent after the other, and the last is the one that is shown", async () => {
  const { told, sent, down } = stage("abcd");
  await down("a");
  await down("a");
  await down("a");
  assert.deepEqual(orders(sent), ["bacd"]);
  await sent[0].answer(204);
  assert.deepEqual(orders(sent), ["bacd", "bcda"]);
  await sent[1].answer(204);
  assert.deepEqual(orders(sent), ["bacd", "bcda"]); // the newest alone, and once
  assert.equal(told.textContent, "a: now 4 of 4.");
});

test("after an order that could not be kept the next one is sent", async () => {
  const { told, sent, down } = stage("abc");
  await down("a");
  await down("a");
  await sent[0].fail();
  await sent[1].answer(500);
  assert.deepEqual(orders(sent), ["bac", "bca"]);
  assert.match(told.textContent, /could not be kept/);
  assert.ok(sent[0].signal, "an answer is not waited for without end");
});
