import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../../static/js/session/connection.js";
import { StageClock } from "./stage/clock.js";
import { StageServer } from "./stage/sockets.js";

function openConnection({ random = () => 1 } = {}) {
  const clock = new StageClock();
  const server = new StageServer();
  const { createSocket } = server;
  const connection = new Connection({ url: "ws://stage/", createSocket, clock, random });
  connection.open();
  return { clock, server, connection };
}

test("pauses between attempts grow to fifteen seconds", async () => {
  const { clock, server, connection } = openConnection();
  const pauses = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    server.socket.drop();
    assert.equal(connection.state, "pausing");
    pauses.push(connection.retryAt - clock.now());
    await clock.tick(connection.retryAt - clock.now());
  }
  assert.deepEqual(pauses, [300, 600, 1_200, 2_400, 4_800, 9_600, 15_000, 15_000]);
});

test("pauses are jittered", () => {
  const { server, connection } = openConnection({ random: () => 0 });
  server.socket.drop();
  assert.equal(connection.retryAt, 150);
});

test("pauses begin anew only after a socket that held", async () => {
  const { clock, server, connection } = openConnection();
  const dropAfter = async (ms) => {
    server.socket.open();
    await clock.tick(ms);
    server.socket.drop();
    const pause = connection.retryAt - clock.now();
    await clock.tick(pause);
    return pause;
  };
  assert.equal(await dropAfter(100), 300);
  assert.equal(await dropAfter(100), 600);
  assert.equal(await dropAfter(6_000), 300);
});

test("a server that falls silent is noticed and left", async () => {
  const { clock, server, connection } = openConnection();
  server.socket.open();
  await clock.tick(19_000);
  assert.deepEqual(server.socket.sent, [{ type: "ping" }]);
  server.socket.answersPings = false;
  assert.equal(connection.state, "open");
  await clock.tick(6_000);
  assert.equal(connection.state, "pausing");
  assert.equal(server.socket.readyState, 3);
});

test("a page that says nothing asks ever more seldom, until it says something", async () => {
  const { clock, server, connection } = openConnection();
  const pings = () => server.socket.sent.filter(({ type }) => type === "ping").length;
  server.socket.open();
  await clock.tick(21_000);
  assert.equal(pings(), 2);
  await clock.tick(28_000);
  assert.equal(pings(), 2);
  await clock.tick(2_000);
  assert.equal(pings(), 3);
  connection.send({ type: "cancel" });
  server.socket.answersPings = false;
  await clock.tick(15_000);
  assert.equal(connection.state, "pausing");
});

test("an attempt that leads nowhere is given up", async () => {
  const { clock, server } = openConnection();
  await clock.tick(10_000);
  await clock.tick(300);
  assert.equal(server.sockets.length, 2);
});

for (const [code, reason] of [
  [4401, "signed-out"],
  [4404, "not-found"],
]) {
  test(`close code ${code} is final: ${reason}`, async () => {
    const { clock, server, connection } = openConnection();
    const reasons = [];
    connection.addEventListener("refused", ({ detail }) => reasons.push(detail.reason));
    server.socket.open();
    server.socket.drop(code);
    await clock.tick(60_000);
    assert.deepEqual(reasons, [reason]);
    assert.equal(connection.state, "refused");
    assert.equal(server.sockets.length, 1);
  });
}

test("the network coming back ends a pause; its going away is checked at once", async () => {
  const { clock, server, connection } = openConnection();
  server.socket.drop();
  connection.online();
  assert.equal(server.sockets.length, 2);
  server.socket.open();
  server.socket.answersPings = false;
  connection.offline();
  assert.deepEqual(server.socket.sent, [{ type: "ping" }]);
  await clock.tick(5_000);
  assert.equal(connection.state, "pausing");
});

test("a closed connection stays closed and leaves no timer", async () => {
  const { clock, server, connection } = openConnection();
  server.socket.open();
  connection.close();
  await clock.tick(60_000);
  assert.equal(server.sockets.length, 1);
  assert.equal(clock.pending, 0);
  assert.equal(connection.send({ type: "cancel" }), false);
});

test("nonsense is told apart and harms nothing", () => {
  const { server, connection } = openConnection();
  const heard = [];
  connection.addEventListener("nonsense", ({ detail }) => heard.push(detail.error.message));
  connection.addEventListener("message", ({ detail }) => heard.push(detail.message.type));
  server.socket.open();
  server.socket.tellText("{");
  server.socket.tellText("null");
  server.socket.tellText('{"type":"constructor"}');
  server.socket.tellText('{"type":"pong"}');
  server.socket.tellText('{"type":"pong","seq":0}');
  server.socket.tellText('{"type":"pong","seq":1}');
  assert.deepEqual(heard, [
    "not JSON",
    "unknown type undefined",
    "unknown type constructor",
    "pong without seq",
    "pong with a wrong seq",
    "pong",
  ]);
});
