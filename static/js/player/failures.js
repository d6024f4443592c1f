import { Timers } from "../clock.js";
import { isFinal } from "../sound/fetch_sound.js";

const PAUSE_MS = 1_500;
const MOST_IN_A_ROW = 10;

/** What is done about blocks that cannot be heard: each is looked for elsewhere, then passed over. */
export class Failures {
  #timers;
  #inARow = 0;
  #isPausing = false;
  #lookedFor = new Set();
  #reported = new Set();

  constructor({ clock }) {
    this.#timers = new Timers(clock);
  }

  /** Whether a failure is being told, and nothing else is to be done. */
  get isPausing() {
    return this.#isPausing;
  }

  /** Whether a sound that is not where it should be may be elsewhere by now: asked once a block. */
  mayBeElsewhere({ idx, error }) {
    if (!isFinal(error) || this.#lookedFor.has(idx)) return false;
    this.#lookedFor.add(idx);
    return true;
  }

  /** Whether a stored sound that came and cannot be played is to be reported: once a block. */
  mayBeDamaged({ idx, isLive }) {
    if (isLive || this.#reported.has(idx)) return false;
    this.#reported.add(idx);
    return true;
  }

  /** Call `passOver` after a moment, and return true, unless all that there is fails. */
  add(passOver) {
    this.#isPausing = true;
    this.#inARow += 1;
    if (this.#inARow >= MOST_IN_A_ROW) return false;
    this.#timers.after("pass over", PAUSE_MS, () => {
      this.#isPausing = false;
      passOver();
    });
    return true;
  }

  endPause() {
    this.#isPausing = false;
    this.#timers.clearAll();
  }

  /** The person asks again. */
  forgive() {
    this.#inARow = 0;
  }

  /** Another voice's sounds are elsewhere. */
  lookAgain() {
    this.#lookedFor.clear();
    this.#reported.clear();
  }
}
