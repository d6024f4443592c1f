import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { AnnotationsView } from "../../static/js/panel/annotations_view.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const QUIET = 1_000;
let page;
let sent; // each {note, keepalive, answer(), fail()}
let field;
let said;

/** An element with as much as the list asks of one. */
function element(parts = {}) {
  return Object.assign(new EventTarget(), {
    dataset: {},
    children: [],
    textContent: "",
    value: "",
    querySelector: (selector) => (parts[selector] ??= element()),
    insertBefore() {},
  });
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  sent = [];
  const parts = {};
  const template = { content: { firstElementChild: { cloneNode: () => element(parts) } } };
  const annotations = new EventTarget();
  const show = (note) => {
    annotations.all = [{ id: 1, kind: "highlight", block_idx: 0, quote: "text", note }];
    annotations.dispatchEvent(new Event("change"));
  };
  annotations.changeNote = (id, note, { keepalive = false } = {}) =>
    new Promise((resolve, reject) => {
      const answer = async () => {
        show(note.trim());
        resolve();
        await settled();
      };
      const fail = async () => {
        reject(new Error("No connection."));
        await settled();
      };
      sent.push({ note, keepalive, answer, fail });
    });
  const root = element({ "#annotation-template": template });
  new AnnotationsView({ annotations, chapterOf: () => "", root });
  show("");
  field = parts[".annotation__note"];
  said = parts[".annotation__said"];
});

function type(text) {
  field.value = text;
  field.dispatchEvent(new Event("input"));
}

async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
}

const notes = () => sent.map(({ note }) => note);

test("a note is sent once nothing more is typed, and said to be kept", async () => {
  type("Wh");
  await pass(QUIET / 2);
  type("Why? ");
  await pass(QUIET);
  assert.deepEqual([notes(), said.textContent], [["Why? "], "Saving…"]);
  await sent[0].answer();
  assert.deepEqual([field.value, said.textContent], ["Why? ", "Saved."]);
  field.dispatchEvent(new Event("change"));
  await settled();
  assert.equal(sent.length, 1);
});

test("a note is sent again after the answer only, with its newest words", async () => {
  type("W");
  await pass(QUIET);
  type("Wh");
  await pass(QUIET);
  type("Why?");
  await pass(QUIET);
  assert.deepEqual(notes(), ["W"]);
  await sent[0].answer();
  assert.deepEqual([notes(), field.value], [["W", "Why?"], "Why?"]);
  await sent[1].answer();
  await pass(QUIET);
  assert.deepEqual([sent.length, said.textContent], [2, "Saved."]);
});

test("what is taken back while it is being kept stays taken back", async () => {
  type("Why?");
  await pass(QUIET);
  type("");
  await pass(QUIET);
  await sent[0].answer();
  assert.deepEqual([notes(), field.value], [["Why?", ""], ""]);
});

test("what could not be kept stays written, and is sent with what comes after it", async () => {
  type("Why?");
  await pass(QUIET);
  await sent[0].fail();
  assert.deepEqual([field.value, said.textContent], ["Why?", "No connection."]);
  type("Why not?");
  await pass(QUIET);
  assert.deepEqual(notes(), ["Why?", "Why not?"]);
});

test("a page that is left sends what is written at once", async () => {
  type("Why?");
  await pass(QUIET);
  type("");
  page.dispatchEvent(new Event("pagehide"));
  assert.deepEqual(notes(), ["Why?", ""]);
  assert.equal(sent[1].keepalive, true);
});

test("after an answer that did not come the old words are sent again too", async () => {
  type("new");
  await pass(QUIET);
  await sent[0].fail(); // but it was kept
  type("");
  await pass(QUIET);
  assert.deepEqual(notes(), ["new", ""]);
});
