import { Timers, systemClock } from "../clock.js";

// The last blocks: from here on the next document is made ready.
const NEAR_THE_END = 4;
// A want ends by itself after 30 s.
const AGAIN_MS = 15_000;

/**
 * What comes after this document: near its end the first blocks of the next one are made ready, in
 * its own voice; at its end the page goes there.
 *
 * Event: next, with the title of what comes next.
 */
export class Queue extends EventTarget {
  #player;
  #playlist;
  #ask;
  #go;
  #timers;
  #wasPlaying = false;

  /** `ask(what)`: resolves with the answer to "ready" or "next"; `go(address)`: open it. */
  constructor({ player, playlist, ask, go, clock = systemClock }) {
    super();
    this.#player = player;
    this.#playlist = playlist;
    this.#ask = ask;
    this.#go = go;
    this.#timers = new Timers(clock);
    player.addEventListener("block", () => this.#look());
    player.addEventListener("state", () => this.#onState());
  }

  get #isNearTheEnd() {
    let idx = this.#player.idx;
    if (!this.#playlist.complete || idx === null) return false;
    for (let n = 0; n < NEAR_THE_END && idx !== null; n++) idx = this.#playlist.after(idx);
    return idx === null;
  }

  #onState() {
    const { state } = this.#player;
    if (state === "ended" && this.#wasPlaying) this.#goOn();
    if (state === "playing") this.#wasPlaying = true;
    else if (state === "paused" || state === "ended") this.#wasPlaying = false;
    this.#look();
  }

  #look() {
    if (this.#timers.has("again") || !this.#player.wantsSound || !this.#isNearTheEnd) return;
    this.#timers.after("again", AGAIN_MS, () => this.#look());
    this.#ask("ready").then(
      ({ next }) => next && this.dispatchEvent(new CustomEvent("next", { detail: next })),
      () => {}, // There is no connection: the next look may have one.
    );
  }

  async #goOn() {
    this.#timers.clearAll();
    try {
      const { address } = await this.#ask("next");
      if (address) this.#go(address);
    } catch {
      // It stays where it is: what was heard to its end can be heard again.
    }
  }
}
