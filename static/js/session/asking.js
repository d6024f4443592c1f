import { Timers } from "../clock.js";
import { GrowingPause } from "./pauses.js";
import { MAX_WINDOW, cancel, synthesize } from "./protocol.js";

const WINDOW_EVERY_MS = 100;
const FIRST_SILENCE_MS = 5_000;
const LONGEST_SILENCE_MS = 40_000;
const FIRST_REST_MS = 2_000;
const LONGEST_REST_MS = 30_000;

/**
 * Which blocks the server is asked for, and when it is asked again.
 *
 * A window goes out when it differs from the last one sent, and not more often than every
 * WINDOW_EVERY_MS. When wanted blocks stay silent the same window goes out once more, and then
 * `askAfresh` is called, ever more seldom. `send(message)` is false when there is no connection;
 * `isSettled(idx)` tells whether nothing more is to be heard of a block; `mayAsk()` whether the
 * server can be expected to answer at all.
 */
export class Asking {
  #send;
  #isSettled;
  #mayAsk;
  #askAfresh;
  #timers;
  #silence;
  #rest;
  #window = [];
  #retried = new Set();
  #retryDue = false;
  #unheard = new Set(); // Of these retries nothing was heard, and none was repeated.
  #sent = []; // What the server was asked for; null when it is not sure to know it.
  #askedAlready = false;
  #isStopped = false;

  constructor({ send, isSettled, mayAsk, askAfresh, clock, random }) {
    this.#send = send;
    this.#isSettled = isSettled;
    this.#mayAsk = mayAsk;
    this.#askAfresh = askAfresh;
    this.#timers = new Timers(clock);
    this.#silence = new GrowingPause({
      first: FIRST_SILENCE_MS,
      longest: LONGEST_SILENCE_MS,
      random,
    });
    this.#rest = new GrowingPause({ first: FIRST_REST_MS, longest: LONGEST_REST_MS, random });
  }

  /** What is wanted, most wanted first. */
  get wanted() {
    const first = this.#window.slice(0, 1);
    return [...new Set([...first, ...this.#retried, ...this.#window])].slice(0, MAX_WINDOW);
  }

  want(indices) {
    const window = [...new Set(indices)].slice(0, MAX_WINDOW);
    if (!isSame(window, this.#window)) this.#startPatience();
    const readsOn = this.#window.slice(0, 2).includes(window[0]);
    if (!readsOn) this.forgetRetried({ but: window });
    this.#window = window;
    this.#sendIfChanged();
  }

  /** Want a block that went wrong made again, before all others but the one at the cursor. */
  retry(idx) {
    this.#retried.add(idx);
    this.#unheard.add(idx);
    this.#retryDue = true;
    // A rest is the server's own wish, and somebody may wait for its end.
    this.#timers.clear("window", "silence");
    this.#startPatience();
    this.#sendIfChanged();
  }

  /** Want none made again that went wrong, but for some. */
  forgetRetried({ but = [] } = {}) {
    this.#retried = new Set(but.filter((idx) => this.#retried.has(idx)));
    this.#retryDue &&= this.#retried.size > 0;
    for (const idx of this.#unheard) if (!this.#retried.has(idx)) this.#unheard.delete(idx);
  }

  /** Want these no longer: the server knows no such blocks. */
  giveUp(indices) {
    this.#window = this.#window.filter((idx) => !indices.includes(idx));
    for (const idx of indices) this.#retried.delete(idx);
    this.again(); // With one bad index the server carried out nothing.
  }

  /** Something was heard of a block. */
  heard(idx) {
    if (this.#isSettled(idx)) this.#retried.delete(idx);
    this.#unheard.delete(idx);
    this.#rest.reset();
    this.#startPatience();
    this.#listen();
  }

  /**
   * Ask again for what is wanted: the server may have forgotten it, or never have heard of it. So a
   * retry is repeated, once.
   */
  again() {
    this.#isStopped = false;
    if (this.#sent?.length > 0) this.#sent = null;
    this.#retryDue ||= this.#unheard.size > 0;
    this.#unheard.clear();
    this.#sendIfChanged();
  }

  /** The server wants to be left alone: `done` is called after a pause that grows. */
  leaveAlone(done) {
    this.#timers.after("rest", this.#rest.next(), done);
  }

  /** Nothing is asked of the server any more, and nothing will be until `again`. */
  stop() {
    this.#timers.clearAll();
    this.#startPatience();
    this.#sent = [];
    this.#isStopped = true;
  }

  #sendIfChanged() {
    if (this.#isStopped || this.#timers.has("rest") || this.#timers.has("window")) return;
    const wanted = this.wanted;
    if (this.#sent !== null && isSame(wanted, this.#sent) && !this.#retryDue) return;
    const message = wanted.length > 0 ? synthesize(wanted, { retry: this.#retryDue }) : cancel();
    if (!this.#send(message)) return;
    this.#sent = wanted;
    this.#retryDue = false;
    this.#listen();
    this.#timers.after("window", WINDOW_EVERY_MS, () => this.#sendIfChanged());
  }

  #listen() {
    if (this.wanted.every(this.#isSettled)) {
      this.#timers.clear("silence");
      return;
    }
    this.#timers.after("silence", this.#silence.next(), () => this.#breakSilence());
  }

  #breakSilence() {
    if (this.#mayAsk() && !this.#timers.has("rest")) {
      if (this.#askedAlready) this.#askAfresh();
      else this.#send(synthesize(this.wanted));
      this.#askedAlready = true;
    }
    if (!this.#timers.has("silence")) this.#listen();
  }

  #startPatience() {
    this.#silence.reset();
    this.#askedAlready = false;
  }
}

const isSame = (one, other) =>
  one.length === other.length && one.every((value, at) => value === other[at]);
