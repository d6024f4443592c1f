import { Timers, systemClock } from "../../clock.js";

const MOST_MESSAGES = 64;
// The server says something every 5 s.
const SILENT_MS = 12_000;
// The server keeps a stream that nobody reads for 10 s.
const TAKEN_UP_WITHIN_MS = 9_000;
const AGAIN_MS = [50, 250, 1_000];
// A message whose answer is so late is sent once more.
const ANSWERED_WITHIN_MS = 10_000;
// A page in the background may run its timers once a minute.
const FORGOTTEN_MS = 180_000;

const BROKEN_OFF = 1006;
const NOT_SIGNED_IN = 4401;

/**
 * A browser's event stream, which its pages share: what a page's socket would carry goes through it.
 *
 * A page is at the other end of a port. It sends `{id, open: {document, sound}, address,
 * token}`, `{id, text}` and `{id, close}`; it gets `{id, open}`, `{id, text}` and `{id, close: code}`.
 */
export class Line {
  #address = "";
  #fetch;
  #clock;
  #timers;
  #pages = new Map(); // id → {port, at}
  #token = "";
  #stream = null; // its name, once the server has told it
  #last = 0;
  #outbox = [];
  #sent = 0;
  #isPosting = false;
  #isReading = false;
  #broken = null; // when it broke off
  #life = new AbortController(); // of the stream, with what is sent for it

  constructor({ fetch = globalThis.fetch.bind(globalThis), clock = systemClock } = {}) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#timers = new Timers(clock);
  }

  serve(port) {
    port.onmessage = ({ data }) => this.#heard(port, data);
  }

  #heard(port, { id, open, text, close, address, token }) {
    if (open !== undefined) {
      this.#address = address;
      this.#token = token;
      this.#pages.set(id, { port, at: 0 });
      this.#forgetTheSilent();
      this.#post({ page: id, open });
      if (!this.#isReading) this.#run();
    } else if (!this.#pages.has(id)) {
      port.postMessage({ id, close: BROKEN_OFF });
      return;
    } else if (close) {
      this.#leave(id);
      return;
    } else {
      this.#post({ page: id, text });
    }
    this.#pages.get(id).at = this.#clock.now();
  }

  #leave(id) {
    this.#pages.delete(id);
    this.#post({ page: id, close: true });
  }

  /** A page that crashed, or was thrown away in the background, does not say that it leaves. */
  #forgetTheSilent() {
    for (const [id, { at }] of this.#pages) {
      if (at > 0 && this.#clock.now() - at > FORGOTTEN_MS) this.#leave(id);
    }
  }

  // --- down ---

  async #run() {
    this.#isReading = true;
    while (this.#pages.size > 0) {
      const life = this.#life;
      const status = await this.#read();
      if (this.#pages.size === 0) break;
      if (life.signal.aborted) continue; // Lost meanwhile: these pages have come since.
      if (status !== 0 && status !== 200) {
        this.#lose(status === 403 || status === 404 ? NOT_SIGNED_IN : BROKEN_OFF);
      } else {
        await this.#takeUp();
      }
    }
    this.#isReading = false;
    this.#begin();
  }

  /** Read the stream to its end; resolve with the answer's status, 0 for none. */
  async #read() {
    const giveUp = this.#untilLost();
    const stayAwake = () => this.#timers.after("silent", SILENT_MS, () => giveUp.abort());
    this.#timers.after("empty", SILENT_MS, () => this.#endWhenEmpty(giveUp));
    stayAwake();
    const query = this.#stream ? `?stream=${this.#stream}&after=${this.#last}` : "";
    let status = 0;
    try {
      const answer = await this.#fetch(this.#address + query, {
        signal: giveUp.signal,
        cache: "no-store",
        redirect: "error",
      });
      status = answer.status;
      if (status !== 200) return status;
      const events = new Events((id, data) => this.#take(id, data));
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return status;
        stayAwake();
        events.add(value);
      }
    } catch {
      return status === 200 ? 200 : 0;
    } finally {
      this.#timers.clearAll();
      giveUp.abort();
    }
  }

  #endWhenEmpty(stream) {
    this.#forgetTheSilent();
    if (this.#pages.size === 0) stream.abort();
    else this.#timers.after("empty", SILENT_MS, () => this.#endWhenEmpty(stream));
  }

  #take(id, data) {
    this.#broken = null;
    if (data.stream !== undefined) {
      this.#stream = data.stream;
      this.#flush();
      return;
    }
    if (id <= this.#last) return;
    this.#last = id;
    const { page, ...what } = data;
    const known = this.#pages.get(page);
    if (what.close !== undefined) this.#pages.delete(page);
    known?.port.postMessage({ id: page, ...what });
  }

  /** A stream that broke off is kept for a while; one that never was is lost at once. */
  async #takeUp() {
    const now = this.#clock.now();
    this.#broken ??= now;
    if (this.#stream === null || now - this.#broken > TAKEN_UP_WITHIN_MS) {
      this.#lose(BROKEN_OFF);
    } else {
      await this.#wait(now - this.#broken < AGAIN_MS[1] ? AGAIN_MS[0] : AGAIN_MS[2]);
    }
  }

  // --- up ---

  #post(message) {
    this.#outbox.push(message);
    this.#flush();
  }

  /** Send what there is, in order, one request at a time. What is sent twice counts once. */
  async #flush() {
    if (this.#isPosting || this.#stream === null || this.#outbox.length === 0) return;
    this.#isPosting = true;
    const stream = this.#stream;
    const messages = this.#outbox.slice(0, MOST_MESSAGES);
    const status = await this.#postUntilTaken({ stream, first: this.#sent, messages });
    this.#isPosting = false;
    if (stream !== this.#stream) {
      this.#flush();
    } else if (status === 204) {
      this.#sent += messages.length;
      this.#outbox.splice(0, messages.length);
      this.#flush();
    } else {
      this.#lose(status === 403 || status === 404 ? NOT_SIGNED_IN : BROKEN_OFF);
    }
  }

  async #postUntilTaken(body) {
    for (const pause of [...AGAIN_MS, AGAIN_MS[2], AGAIN_MS[2], null]) {
      if (body.stream !== this.#stream) return 0; // It was lost in a pause.
      const status = await this.#tryToPost(JSON.stringify(body));
      if (status !== 0 && status !== 429 && status < 500) return status;
      if (pause === null || body.stream !== this.#stream) return status;
      await this.#wait(pause);
    }
    return 0;
  }

  async #tryToPost(body) {
    const giveUp = this.#untilLost();
    const timer = this.#clock.setTimeout(() => giveUp.abort(), ANSWERED_WITHIN_MS);
    try {
      const answer = await this.#fetch(`${this.#address}messages/`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.#token },
        body,
        keepalive: body.length < 10_000,
        redirect: "error",
        signal: giveUp.signal,
      });
      return answer.status;
    } catch {
      return 0;
    } finally {
      this.#clock.clearTimeout(timer);
      giveUp.abort();
    }
  }

  // --- the end ---

  /** Return what gives up a request, at the latest when the stream is lost for which it is made. */
  #untilLost() {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    this.#life.signal.addEventListener("abort", () => giveUp.abort(), { signal });
    return giveUp;
  }

  /** Let all pages know that their line is gone: each comes back by itself. */
  #lose(code) {
    const pages = [...this.#pages];
    this.#pages.clear();
    this.#begin();
    for (const [id, { port }] of pages) port.postMessage({ id, close: code });
  }

  #begin() {
    this.#life.abort();
    this.#life = new AbortController();
    this.#stream = null;
    this.#broken = null;
    this.#last = 0;
    this.#sent = 0;
    this.#outbox = [];
  }

  #wait(ms) {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, ms));
  }
}

/** What server-sent events say: calls `take(id, data)` for each. */
class Events {
  #take;
  #text = "";

  constructor(take) {
    this.#take = take;
  }

  add(text) {
    const events = (this.#text + text).split("\n\n");
    this.#text = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s, 2)));
      if ("data" in fields) this.#take(Number(fields.id), JSON.parse(fields.data));
    }
  }
}
