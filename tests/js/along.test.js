import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Along } from "../../static/js/panel/along.js";
import { StageClock } from "./stage/clock.js";

const LOOK = 2_000;
const ESTIMATE = 250;
const MAKING = "book.m4b is being made";
let clock;
let root;
let along;
let asked; // each {url, answer(words), fail()}

globalThis.document = { activeElement: null };
globalThis.FormData = class extends URLSearchParams {
  constructor({ words }) {
    super({ words });
  }
};
globalThis.DOMParser = class {
  parseFromString = (words) => ({ body: { childNodes: [words] } });
};

/** Where it is drawn: of what is there it knows the words, whether a file is made, and one form. */
class Root {
  words = "";
  said = "";
  listeners = {};
  form = null;

  get childElementCount() {
    return this.words === "" ? 0 : 1;
  }

  addEventListener(type, act) {
    this.listeners[type] = act;
  }

  replaceChildren(words) {
    this.words = words;
  }

  contains = () => false;
  querySelectorAll = () => [];

  querySelector(selector) {
    if (selector === "[data-estimate]") return this.form;
    if (selector.startsWith(".export")) return this.words === MAKING ? {} : null;
    if (selector !== "#along-estimate") return null;
    return { set textContent(words) { root.said = words; } }; // prettier-ignore
  }
}

function formOf(words) {
  const kind = { selectedOptions: [{ dataset: { about: "", voice: "" } }] };
  return {
    words,
    action: "/make/",
    isConnected: true,
    dataset: { estimate: "/estimate/" },
    elements: { kind, voice: {} },
    querySelector: () => ({}),
  };
}

beforeEach(() => {
  clock = new StageClock();
  root = new Root();
  asked = [];
  globalThis.fetch = (url) =>
    new Promise((resolve, reject) => {
      const answer = async (words) => {
        resolve(new Response(words));
        await clock.tick();
      };
      const fail = async () => {
        reject(new TypeError("network"));
        await clock.tick();
      };
      asked.push({ url, answer, fail });
    });
  along = new Along({ root, url: "/along/", clock });
});

function submit() {
  const submitter = { disabled: false };
  const target = { closest: () => formOf("") };
  root.listeners.submit({ target, submitter, preventDefault() {} });
  return submitter;
}

const urls = () => asked.map(({ url }) => url);

test("while a file is being made it looks again, and no longer", async () => {
  along.show();
  await asked[0].answer(MAKING);
  await clock.tick(LOOK);
  await asked[1].answer("book.m4b");
  assert.equal(root.words, "book.m4b");
  await clock.tick(10 * LOOK);
  assert.equal(asked.length, 2);
});

test("a look that is answered after a form takes nothing of it away", async () => {
  along.show();
  submit();
  await asked[1].answer(MAKING);
  await asked[0].answer("nothing yet");
  assert.equal(root.words, MAKING);
  await clock.tick(LOOK);
  assert.deepEqual(urls(), ["/along/", "/make/?part", "/along/"]);
});

test("a look that fails after a form was answered changes nothing", async () => {
  along.show();
  submit();
  await asked[1].answer("book.m4b");
  await asked[0].fail();
  assert.deepEqual([root.words, clock.pending], ["book.m4b", 0]);
});

test("nothing is looked at while a form is under way, and if that fails it goes on", async () => {
  along.show();
  await asked[0].answer(MAKING);
  const submitter = submit();
  await clock.tick(LOOK);
  assert.deepEqual(urls(), ["/along/", "/make/?part"]);
  await asked[1].fail();
  assert.equal(submitter.disabled, false);
  await clock.tick(LOOK);
  assert.deepEqual(urls(), ["/along/", "/make/?part", "/along/"]);
});

test("what two forms did is looked at, whichever is answered first", async () => {
  along.show();
  await asked[0].answer("nothing yet");
  submit();
  submit();
  await asked[2].answer("one of two");
  await asked[1].answer("the other");
  await asked[3].answer("both");
  assert.deepEqual([root.words, asked.length], ["both", 4]);
});

test("once nobody looks, no answer starts it again", async () => {
  for (const end of [({ answer }) => answer(MAKING), ({ fail }) => fail()]) {
    along.show();
    submit();
    along.hide();
    for (const one of asked.splice(0)) await end(one);
    await clock.tick(10 * LOOK);
    assert.deepEqual([asked.length, clock.pending], [0, 0]);
  }
});

test("of the estimates the one of the last choice is said, and none once nobody looks", async () => {
  root.form = formOf("first");
  const choose = (words) => {
    root.form.words = words;
    root.listeners.change({ target: { closest: () => root.form } });
  };
  choose("one");
  await clock.tick(ESTIMATE);
  choose("two");
  await clock.tick(ESTIMATE);
  await asked[1].answer("2 MB");
  await asked[0].answer("1 MB");
  assert.equal(root.said, "2 MB");
  choose("three");
  await clock.tick(ESTIMATE);
  choose("four");
  along.hide();
  await asked[2].answer("3 MB");
  await clock.tick(ESTIMATE);
  assert.deepEqual([root.said, asked.length], ["2 MB", 3]);
});
