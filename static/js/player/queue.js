import { Timers, systemClock } from "../clock.js";

// The last blocks: from here on the next document is made ready.
const NEAR_THE_END = 4;
// A want ends by itself after 30 s.
const AGAIN_MS = 15_000;

/**
 * What comes after this document: near its end the next one is made ready, in its own voice; at its
 * end it is begun.
 *
 * Event: next, with the title of what comes next.
 */
export class Queue extends EventTarget {
  #player;
  #playlist;
  #ask;
  #prepare;
  #begin;
  #go;
  #timers;
  #next = null;

  /**
   * `ask(what)`: resolves with the answer to "ready" or "next"; `prepare(address)`: have it here;
   * `begin(address, place)`: play it in this window, false if that cannot be; `go(address)`: open it.
   */
  constructor({ player, playlist, ask, prepare, begin, go, clock = systemClock }) {
    super();
    this.#player = player;
    this.#playlist = playlist;
    this.#ask = ask;
    this.#prepare = prepare;
    this.#begin = begin;
    this.#go = go;
    this.#timers = new Timers(clock);
    player.addEventListener("block", () => this.#look());
    player.addEventListener("state", () => this.#look());
    player.addEventListener("finished", ({ detail }) => this.#goOn(detail.place));
  }

  get #isNearTheEnd() {
    let idx = this.#player.idx;
    if (!this.#playlist.complete || idx === null) return false;
    for (let n = 0; n < NEAR_THE_END && idx !== null; n++) idx = this.#playlist.after(idx);
    return idx === null;
  }

  #look() {
    if (this.#timers.has("again") || !this.#player.wantsSound || !this.#isNearTheEnd) return;
    this.#timers.after("again", AGAIN_MS, () => this.#look());
    this.#ask("ready").then(
      ({ next }) => {
        if (this.#player.state === "ended") return; // The end came sooner than the answer.
        this.#next = next?.address ?? null;
        if (next === null) return;
        this.dispatchEvent(new CustomEvent("next", { detail: next }));
        this.#prepare(next.address);
      },
      () => {}, // There is no connection: the next look may have one.
    );
  }

  async #goOn(place) {
    this.#timers.clearAll();
    const next = this.#next;
    const hasBegun = next !== null && this.#begin(next, place);
    try {
      const { address } = await this.#ask("next");
      // It may be heard again by now, or have been left.
      if (!hasBegun && this.#player.state !== "ended") return;
      // The queue may be another one by now.
      if (address && !(hasBegun && address === next)) this.#begin(address, {}) || this.#go(address);
    } catch {
      // It stays where it is: what was heard to its end can be heard again.
    }
  }
}
