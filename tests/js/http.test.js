import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../../static/js/session/connection.js";
import { HttpSocket } from "../../static/js/session/http/http_socket.js";
import { Line } from "../../static/js/session/http/line.js";
import { Ways } from "../../static/js/session/http/ways.js";
import { StageClock } from "./stage/clock.js";
import { StageServer } from "./stage/sockets.js";

/** A server's end of event streams: what is asked of it, and what it tells. */
class StageStreams {
  asked = [];
  posted = [];
  statuses = []; // of the next posts; 204 when there are none
  #stream = null;

  fetch = async (address, options = {}) => {
    if (options.method === "POST") {
      this.posted.push(JSON.parse(options.body));
      if (this.hangs) {
        await new Promise((_, fail) => options.signal?.addEventListener("abort", fail));
      }
      const status = this.statuses.shift() ?? 204;
      if (status === 0) throw new TypeError("the line is gone");
      return { status };
    }
    this.asked.push(address);
    if (this.refuses) return { status: this.refuses };
    const stream = new TransformStream();
    this.#stream = stream.writable.getWriter();
    options.signal.addEventListener("abort", () => this.breakOff());
    return { status: 200, body: stream.readable };
  };

  async write(text) {
    await this.#stream.write(new TextEncoder().encode(text));
    await settled();
  }

  begin(name = "one") {
    return this.write(`:  padding\n\ndata: {"stream":"${name}"}\n\n`);
  }

  tell(id, what) {
    return this.write(`id: ${id}\ndata: ${JSON.stringify(what)}\n\n`);
  }

  async breakOff() {
    await this.#stream.abort(new TypeError("broken off")).catch(() => {});
    await settled();
  }
}

const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function stage(t) {
  const clock = new StageClock();
  const streams = new StageStreams();
  const line = new Line({ fetch: streams.fetch, clock });
  const ports = [];
  const open = () => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    line.serve(port2);
    const socket = new HttpSocket({ port: port1, opening: { document: "d", sound: "webm" }, address: "/events/", token: "t" });
    socket.heard = [];
    socket.addEventListener("message", ({ data }) => socket.heard.push(data));
    socket.addEventListener("close", ({ code }) => (socket.closed = code));
    return socket;
  };
  t.after(() => ports.forEach((port) => port.close())); // Node does not end while one is open
  return { clock, streams, open };
}

const opened = ({ posted }) => posted.flatMap(({ messages }) => messages).filter(({ open }) => open);

test("pages share one stream, and each hears what is for it", async (t) => {
  const { streams, open } = stage(t);
  const sockets = [open(), open(), open()];
  await settled();
  await streams.begin();
  assert.deepEqual(streams.asked, ["/events/"]);
  const names = opened(streams).map(({ page }) => page);
  assert.equal(new Set(names).size, 3);
  for (const [n, page] of names.entries()) await streams.tell(n + 1, { page, open: true });
  assert.deepEqual(sockets.map(({ readyState }) => readyState), [1, 1, 1]);
  await streams.tell(4, { page: names[1], text: "for the second" });
  assert.deepEqual(sockets.map(({ heard }) => heard), [[], ["for the second"], []]);
});

test("a stream that breaks off is taken up, and nothing is heard twice", async (t) => {
  const { clock, streams, open } = stage(t);
  const socket = open();
  await settled();
  await streams.begin();
  const [{ page }] = opened(streams);
  await streams.tell(1, { page, open: true });
  await streams.tell(2, { page, text: "two" });
  await streams.breakOff();
  await clock.tick(100);
  await settled();
  assert.equal(streams.asked.at(-1), "/events/?stream=one&after=2");
  await streams.begin();
  await streams.tell(2, { page, text: "two" });
  await streams.tell(3, { page, text: "three" });
  assert.deepEqual(socket.heard, ["two", "three"]);
});

test("what could not be posted is posted again with its number", async (t) => {
  const { clock, streams, open } = stage(t);
  const socket = open();
  await settled();
  await streams.begin();
  streams.statuses = [0, 503];
  socket.send("a");
  await settled();
  socket.send("b");
  for (const ms of [60, 300, 1_100]) {
    await clock.tick(ms);
    await settled();
  }
  const sent = streams.posted.map(({ first, messages }) => [first, messages.map(({ text }) => text)]);
  assert.deepEqual(sent, [[0, [undefined]], [1, ["a"]], [1, ["a"]], [1, ["a"]], [2, ["b"]]]);
});

test("what is posted and not answered is posted again", async (t) => {
  const { clock, streams, open } = stage(t);
  const socket = open();
  await settled();
  await streams.begin();
  streams.hangs = true;
  socket.send("a");
  await settled();
  streams.hangs = false;
  await clock.tick(10_000);
  await settled();
  await clock.tick(100);
  await settled();
  const sent = streams.posted.map(({ first, messages }) => [first, messages[0].text]);
  assert.deepEqual(sent.slice(1), [[1, "a"], [1, "a"]]);
});

test("pages that come back after their line was lost get a new stream at once", async (t) => {
  for (const hangs of [false, true]) {
    const { clock, streams, open } = stage(t);
    const socket = open();
    await settled();
    await streams.begin();
    streams.statuses = Array(6).fill(503);
    streams.hangs = hangs;
    socket.send("a");
    await settled();
    if (hangs) streams.refuses = 410; // and the stream is gone as well
    if (hangs) await streams.breakOff();
    for (let n = 0; n < 12 && socket.closed === undefined; n++) {
      await clock.tick(1_000);
      await settled();
    }
    assert.equal(socket.closed, 1006);
    streams.hangs = streams.refuses = false;
    streams.statuses = [];
    const asked = streams.asked.length;
    open();
    await settled();
    assert.deepEqual(streams.asked.slice(asked), ["/events/"]);
    await streams.begin("two");
    assert.equal(streams.posted.at(-1).stream, "two");
  }
});

test("what waits to be posted again is not once its stream is lost", async (t) => {
  const { clock, streams, open } = stage(t);
  const socket = open();
  await settled();
  await streams.begin();
  streams.statuses = [503, 503, 503, 204];
  socket.send("a");
  for (const ms of [0, 60, 300]) {
    await clock.tick(ms);
    await settled();
  }
  const posted = streams.posted.length;
  streams.refuses = 404;
  await streams.breakOff();
  await clock.tick(100);
  await settled();
  assert.equal(socket.closed, 4401);
  await clock.tick(1_100);
  await settled();
  assert.equal(streams.posted.length, posted);
});

test("a stream that is gone closes its pages' sockets, and who is not signed in is told so", async (t) => {
  for (const [status, code] of [[410, 1006], [404, 4401], [403, 4401]]) {
    const { streams, open } = stage(t);
    streams.refuses = status;
    const socket = open();
    await settled();
    assert.equal(socket.closed, code);
  }
});

test("a silent stream is left", async (t) => {
  const { clock, streams, open } = stage(t);
  open();
  await settled();
  await streams.begin();
  await clock.tick(12_500);
  await settled();
  await clock.tick(100);
  await settled();
  assert.equal(streams.asked.length, 2);
});

/** A port of a line that lets everything through, at once. */
class StagePort extends EventTarget {
  start() {}

  postMessage({ id, open, text }) {
    const tell = (what) => this.dispatchEvent(new MessageEvent("message", { data: { id, ...what } }));
    const pong = { text: '{"type":"pong","seq":1}' };
    queueMicrotask(() => {
      if (open) tell({ open: true });
      if (open || text?.includes("ping")) tell(pong);
    });
  }
}

/** A connection whose sockets and stand-ins are a test's, and what was chosen. */
function choosing({ remembered = false, isLeft = false } = {}) {
  const clock = new StageClock();
  const sockets = new StageServer();
  const kept = new Map(remembered ? [["lectern.sockets-blocked", String(Date.now())]] : []);
  const connection = new Connection({
    url: "ws://stage/",
    createSocket: sockets.createSocket,
    clock,
    random: () => 1,
  });
  connection.open();
  if (isLeft) connection.close();
  new Ways({
    connection,
    url: "ws://stage/",
    standin: { opening: { document: "d", sound: "" }, address: "/events/", token: "t" },
    createPort: () => new StagePort(),
    createSocket: sockets.createSocket,
    storage: { getItem: (key) => kept.get(key), setItem: (...one) => kept.set(...one), removeItem: (key) => kept.delete(key) },
    clock,
  });
  return { clock, sockets, connection, kept };
}

test("where a socket is refused the page goes by HTTP, and remembers it", async () => {
  const { sockets, connection, kept } = choosing();
  assert.equal(connection.way, "socket");
  sockets.socket.drop();
  await settled();
  assert.deepEqual([connection.way, connection.state], ["http", "open"]);
  assert.ok(kept.has("lectern.sockets-blocked"));
});

test("so does one whose handshake is met with silence", async () => {
  const { clock, connection } = choosing();
  await clock.tick(2_900);
  assert.equal(connection.way, "socket");
  await clock.tick(200);
  await settled();
  assert.deepEqual([connection.way, connection.state], ["http", "open"]);
});

test("where sockets pass nothing else is tried", async () => {
  const { clock, sockets, connection } = choosing();
  sockets.socket.open();
  sockets.socket.tell({ type: "pong" });
  sockets.socket.drop();
  await clock.tick(1_000);
  assert.equal(connection.way, "socket");
});

test("where sockets were blocked an hour ago or less, HTTP comes first", async () => {
  const { connection } = choosing({ remembered: true });
  await settled();
  assert.deepEqual([connection.way, connection.state], ["http", "open"]);
});

test("a page that was left meanwhile does not come back", async () => {
  const { connection } = choosing({ remembered: true, isLeft: true });
  await settled();
  assert.equal(connection.state, "closed");
});

test("it goes back to a socket when one passes", async () => {
  const { clock, sockets, connection, kept } = choosing();
  sockets.socket.drop();
  await settled();
  for (let n = 0; n < 2; n++) {
    const before = sockets.sockets.length;
    await clock.tick(15_100 * (n + 1));
    await settled();
    assert.equal(sockets.sockets.length, before + 1);
    if (n === 0) sockets.socket.drop();
  }
  assert.equal(connection.way, "http");
  sockets.socket.open();
  assert.equal(connection.way, "http"); // It has to carry something.
  sockets.socket.tell({ type: "pong" });
  assert.equal(connection.way, "socket");
  sockets.socket.open();
  assert.equal(connection.state, "open");
  assert.ok(!kept.has("lectern.sockets-blocked"));
});
