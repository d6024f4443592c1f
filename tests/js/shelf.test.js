import assert from "node:assert/strict";
import { test } from "node:test";

/** An element with as much as the list asks of one. */
const element = () => ({ innerHTML: "", querySelector: () => null, querySelectorAll: () => [] });
const listeners = {};

globalThis.location = new URL("https://read.example/");
globalThis.addEventListener = () => {};
globalThis.document = Object.assign(element(), {
  getElementById: element,
  addEventListener: (type, act) => (listeners[type] = act),
});
globalThis.FormData = class {
  constructor(form) {
    this.words = form.words;
  }
};
const { Shelf } = await import("../../static/js/library/shelf.js");

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A form that says in its own place what went wrong. */
function formOf(name) {
  const error = { textContent: "" };
  const popover = { querySelector: () => error };
  const closest = (selector) => (selector === "[popover]" ? popover : { id: name });
  return { action: `/${name}/`, words: name, dataset: {}, error, closest, matches: () => true };
}

test("one form is sent after the other, as it was when it was pressed", async () => {
  const sent = [];
  globalThis.fetch = (url, { body, signal }) =>
    new Promise((_, reject) => {
      const fail = async () => {
        reject(new TypeError("network"));
        await settled();
      };
      sent.push({ url, words: body.words, signal, fail });
    });
  new Shelf();
  const [first, second] = ["delete", "rename"].map(formOf);
  const press = (target) => listeners.submit({ target, submitter: null, preventDefault() {} });
  press(first);
  press(second);
  press(second);
  second.words = "typed since";
  await settled();
  assert.deepEqual(sent.map(({ url }) => url), ["/delete/"]);
  assert.ok(sent[0].signal, "an answer is not waited for without end");
  await sent[0].fail();
  assert.match(first.error.textContent, /did not get through/);
  assert.deepEqual(sent.map(({ words }) => words), ["delete", "rename"]);
  await sent[1].fail();
  assert.deepEqual([sent.length, second.dataset.busy], [2, undefined]);
});
