import assert from "node:assert/strict";
import { test } from "node:test";

import { ReadyAhead } from "../../static/js/document/buffer.js";
import { Pace } from "../../static/js/document/pace.js";
import { failedBlock, report } from "../../static/js/notices/report.js";
import { A, cached, openPage, openReadyPage, ready, status } from "./stage/page.js";

function withReport(page, known = {}) {
  const facts = {
    ...page,
    ready: new ReadyAhead(page),
    pace: new Pace({ session: page.session, known, clock: page.clock }),
    names: () => ({ voice: "Ann", model: "At home" }),
    preparation: () => "",
  };
  return { ...page, tell: (more = {}) => report({ ...facts, now: page.clock.now(), ...more }) };
}

test("a page that stands ready says so, line by line", () => {
  const { tell } = withReport(openReadyPage());
  assert.deepEqual(tell(), {
    connection: "Connected.",
    voice: "Ann, made by At home.",
    block: "Not asked for yet.",
    ahead: "Nothing yet.",
    waiting: "None.",
    pace: "Not measured yet.",
    preparation: "Not asked for.",
  });
});

test("the way of a sound is told, and why it failed", () => {
  const { tell, server, player, session } = withReport(openReadyPage());
  player.play();
  server.socket.tell(status(A, 0, "queued"));
  assert.equal(tell().block, "Waiting to be made.");
  server.socket.tell(status(A, 0, "queued", { error: "The line broke" }));
  assert.equal(tell().block, "Waiting to be tried again. The line broke.");
  server.socket.tell(status(A, 0, "processing"));
  server.socket.tell(status(A, 1, "queued"));
  assert.deepEqual([tell().block, tell().waiting], ["Being made.", "1 being made, 1 waiting."]);
  server.socket.tell(cached(A, 0, { duration_ms: 65_000 }));
  server.socket.tell(cached(A, 1, { duration_ms: 65_000 }));
  assert.deepEqual(
    [tell().block, tell().ahead, tell().waiting],
    ["Ready.", "2 min 10 s of listening, 2 paragraphs.", "None."],
  );
  server.socket.tell(status(A, 0, "error", { error: "No such voice" }));
  assert.equal(tell().block, "Failed. No such voice.");
  assert.equal(failedBlock(session, player), 0);
});

test("how the connection stands is told in all its states", async () => {
  const { tell, server, clock } = withReport(openPage());
  assert.equal(tell().connection, "Connecting…");
  server.socket.open();
  assert.equal(tell().connection, "Connected; the server has not answered yet.");
  server.socket.tell(ready(A));
  server.socket.tell(ready(A));
  assert.equal(tell().connection, "Connected.");
  server.socket.drop();
  assert.equal(tell().connection, "Lost. What is ready plays on; connecting again in 1 s.");
  await clock.tick(300);
  assert.equal(tell().connection, "Reconnecting…");
  server.socket.drop(4401);
  assert.match(tell().connection, /^Refused/);
});

test("the pace of the model is told in seconds", () => {
  const known = { [A.model_slug]: { first_ms: 310, times_real_time: 12.4 } };
  const { tell } = withReport(openReadyPage(), known);
  assert.equal(
    tell().pace,
    "Makes 12 s of sound a second; the first sound comes after about 0.3 s.",
  );
});
