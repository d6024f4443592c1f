import { sentenceStops } from "./sentence_moves.js";

// So near to the end of a sentence is at its end.
const AT_STOP_MS = 20;
// So far into the next sentence, a pause after the last one would come too late.
const PAST_STOP_MS = 60;

/** Where a block is to fall silent after a sentence, and the silence that it is in. */
export class SentencePauses {
  #ms;
  #sentences;
  #clock;
  #marks = null;
  #stops = []; // once for these marks
  #since = null;
  #stop = null;

  /** `ms`: how long, at speed 1; `sentences(idx)`: the ranges of a block's sentences. */
  constructor({ ms, sentences, clock }) {
    this.#ms = ms;
    this.#sentences = sentences;
    this.#clock = clock;
  }

  /** The end of a sentence at which it is silent now, or null. */
  get held() {
    return this.#stop;
  }

  /** Return the end of a sentence that comes next: `{ms, nextMs, offset}` or null. */
  next(idx, marks, positionMs) {
    if (this.#ms === 0 || marks === null) return null;
    if (this.#marks !== marks) this.#stops = sentenceStops(marks, this.#sentences(idx));
    this.#marks = marks;
    return this.#stops.find(({ ms }) => ms > positionMs + AT_STOP_MS) ?? null;
  }

  /** Begin the silence if this is the moment: not too early, nor after the next sentence began. */
  begin(stop, positionMs) {
    if (stop.ms > positionMs + AT_STOP_MS || positionMs > stop.nextMs + PAST_STOP_MS) return false;
    this.#stop = stop;
    this.#since = this.#clock.now();
    return true;
  }

  leftMs(speed) {
    return Math.max(0, this.#ms / speed - (this.#clock.now() - this.#since));
  }

  end() {
    this.#stop = null;
  }
}
