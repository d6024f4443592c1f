import assert from "node:assert/strict";
import test from "node:test";

/** Just enough of a page for blocks of which none is drawn. */
function element() {
  return {
    children: [],
    dataset: {},
    style: {},
    classList: { add() {}, remove() {} },
    isConnected: false,
    append(...added) {
      for (const one of added) one.isConnected = true;
    },
    prepend(...added) {
      this.append(...added);
    },
    replaceChildren() {},
    addEventListener() {},
    querySelectorAll: () => [],
  };
}
globalThis.document = { createElement: element, documentElement: { lang: "en" } };
globalThis.IntersectionObserver = class {
  observe() {}
};
const { Blocks } = await import("../../static/js/text/blocks.js");

const row = (n) => [10, "paragraph", "", `Text ${n}`, [[0, 0, 10]]];

test("blocks that are asked for twice at once are brought in once", async () => {
  const answers = [];
  globalThis.fetch = async (url) => {
    const first = Number(new URL(url, "http://here/").searchParams.get("from"));
    await new Promise((resolve) => answers.push(resolve));
    const rows = Array.from({ length: Math.min(20, 60 - first) }, (_, n) => row(first + n));
    return { ok: true, json: async () => ({ blocks: rows }) };
  };
  const blocks = new Blocks({ root: element(), url: "/b/", indexUrl: "/i/", lengths: [10, 10] });
  const added = [];
  const bring = (count) => blocks.bringIn(count, (entries) => added.push(...entries));
  const all = Promise.all([bring(20), bring(40), bring(60)]);
  for (let n = 0; n < 50; n += 1) {
    answers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  assert.equal(blocks.size, 60);
  assert.deepEqual(
    added.map(({ idx }) => idx),
    Array.from({ length: 58 }, (_, n) => n + 2),
  );
  for (let idx = 0; idx < 60; idx += 1) assert.equal(blocks.text(idx), `Text ${idx}`);
  assert.deepEqual(blocks.spans(59), [[0, 0, 10]]);
});
