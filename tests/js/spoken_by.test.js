import assert from "node:assert/strict";
import { test } from "node:test";

import { SpokenByView } from "../../static/js/notices/spoken_by_view.js";
import { A, B, C, cached, openReadyPage, ready } from "./stage/page.js";

const VOICES = [{ ...B, name: "Anna", language: "de-DE", language_name: "German" }];
const ANNA = { ...B, name: "Anna" };

function openPage() {
  const page = openReadyPage();
  page.root = { textContent: "" };
  new SpokenByView({ ...page, voices: VOICES });
  page.tell = (message) => page.server.socket.tell(message);
  return page;
}

test("a voice that stands in is named while its block is the current one", async () => {
  const { player, tell, root } = openPage();
  player.play();
  tell(cached(A, 1, { spoken_by: ANNA }));
  assert.equal(root.textContent, "");
  player.next();
  assert.equal(root.textContent, "Read by Anna (German)");
  tell(cached(A, 1, { spoken_by: null }));
  assert.equal(root.textContent, "");
  tell(cached(A, 1, { spoken_by: { ...C, name: "Nova" } }));
  assert.equal(root.textContent, "Read by Nova");
  player.next();
  assert.equal(root.textContent, "");
});

test("a voice that stood in for another one is not named any more", async () => {
  const { player, session, tell, root } = openPage();
  player.play();
  tell(cached(A, 0, { spoken_by: ANNA }));
  assert.equal(root.textContent, "Read by Anna (German)");
  player.changeVoice(C);
  assert.equal(root.textContent, "");
  tell(cached(A, 0, { spoken_by: ANNA })); // late
  tell(ready(C));
  assert.equal(root.textContent, "");
  assert.equal(session.dropped, 1);
});

test("whoever speaks, a status in another voice than the chosen one is dropped", async () => {
  const { player, session, tell, root } = openPage();
  player.play();
  tell(cached(B, 0, { spoken_by: ANNA }));
  assert.equal(session.dropped, 1);
  assert.equal(session.stateOf(0), null);
  assert.equal(root.textContent, "");
});
