import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.location = new URL("https://read.example/lectern/?q=sea");
globalThis.document = { documentElement: { dataset: { base: "/lectern/" } } };
const { addressOfForm, mayGo, wanted } = await import("../../static/js/stage/links.js");

function press(href, { link = {}, ...event } = {}) {
  const attributes = new Set(Object.keys(link));
  const anchor = { href: new URL(href, location).href, hasAttribute: (name) => attributes.has(name), ...link };
  return wanted({ button: 0, target: { closest: () => anchor }, ...event })?.pathname ?? null;
}

test("a plain press on a link of ours is wanted, and no other", () => {
  assert.equal(press("queue/"), "/lectern/queue/");
  assert.equal(press("queue/", { ctrlKey: true }), null);
  assert.equal(press("queue/", { button: 1 }), null);
  assert.equal(press("queue/", { defaultPrevented: true }), null);
  assert.equal(press("queue/", { link: { target: "_blank" } }), null);
  assert.equal(press("annotations.md", { link: { download: "" } }), null);
  assert.equal(press("#main"), null);
  assert.equal(press("?q=land#main"), "/lectern/");
  assert.equal(wanted({ button: 0, target: { closest: () => null } }), null);
});

test("what the browser has to load itself is left to it", () => {
  for (const path of ["admin/", "accounts/login/", "api/v1/docs", "audio/x/1/"]) {
    assert.equal(mayGo(new URL(path, location)), false, path);
  }
  assert.equal(mayGo(new URL("https://elsewhere.example/lectern/queue/")), false);
  assert.equal(mayGo(new URL("/other/", location)), false);
  assert.equal(mayGo(new URL("settings/tokens/", location)), true);
});

test("a form says where it is sent, and with which of its buttons", () => {
  globalThis.FormData = class {
    constructor(form, submitter) {
      this.sent = [...Object.entries(form.fields), [submitter.name, submitter.value]];
    }
    [Symbol.iterator]() {
      return this.sent.values();
    }
  };
  const button = (formaction = null) => ({ name: "act", value: "go", getAttribute: () => formaction });
  const form = (method) => ({ method, fields: { q: "a b" }, getAttribute: () => "find/" });
  assert.deepEqual(addressOfForm(form("get"), button()), {
    url: new URL("https://read.example/lectern/find/?q=a+b&act=go"),
  });
  const { url, options } = addressOfForm(form("post"), button("/lectern/x/delete/"));
  assert.equal(url.pathname, "/lectern/x/delete/");
  assert.deepEqual([options.method, options.body.sent], ["POST", [["q", "a b"], ["act", "go"]]]);
});
