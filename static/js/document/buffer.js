import { Runs } from "./runs.js";
import { Sums } from "./sums.js";

const GUESSED_CHARS_PER_SECOND = 14;
// The guess weighs as much as this many characters of real speech.
const GUESS_WEIGHT_CHARS = 300;
// To find the sentences of a whole book takes seconds: how many there are is guessed.
const CHARS_PER_SENTENCE = 100;

/**
 * How far the sound is ready in the voice chosen last, and how long the blocks last. To sums over
 * several blocks belong the pauses after and within them.
 *
 * A page asks for sums over thousands of blocks several times a second: each is had, and changed,
 * in a few steps.
 *
 * Event: change.
 */
export class ReadyAhead extends EventTarget {
  #session;
  #playlist;
  #pauseMs;
  #sentencePauseMs;
  #heardChars = 0;
  #heardMs = 0;
  #durations = new Map();
  #all; // of all blocks
  #heard; // of those that are not left out
  #ready; // places in the playlist

  /**
   * `pauseMs(idx)`: after a block; `sentencePauseMs`: after a sentence; both at speed 1.
   *
   * @param {{session: any, playlist: any, pauseMs?: (idx: number) => number,
   *   sentencePauseMs?: number}} parts
   */
  constructor({ session, playlist, pauseMs = () => 0, sentencePauseMs = 0 }) {
    super();
    this.#session = session;
    this.#playlist = playlist;
    this.#pauseMs = pauseMs;
    this.#sentencePauseMs = sentencePauseMs;
    const change = () => this.dispatchEvent(new CustomEvent("change"));
    session.addEventListener("block", ({ detail }) => {
      this.#learn(detail.idx, detail.state);
      this.#note(detail.idx);
      change();
    });
    session.addEventListener("voice", () => this.#unlearn());
    session.addEventListener("reset", () => {
      this.#lookAtAll();
      change();
    });
    playlist.addEventListener("grown", () => {
      this.#measure();
      this.#lookAtAll();
      change();
    });
    this.#measure();
    this.#lookAtAll();
  }

  /** Return how long a block lasts at speed 1: measured, else guessed from its length. */
  durationMs(idx) {
    return this.#durations.get(idx) ?? this.#playlist.chars(idx) * this.#msPerChar();
  }

  /** Return how long the blocks from `first` to `last` last, whether they are left out or not. */
  between(first, last) {
    return this.#msBefore(this.#all, last + 1) - this.#msBefore(this.#all, first);
  }

  /** Return the unbroken ready sound from the cursor on: `{ms, until, blocks}`. */
  ahead(idx, positionMs) {
    const place = this.#playlist.placeOf(idx);
    const run = this.#playlist.has(idx) ? this.#ready.around(place) : null;
    if (run === null) return { ms: 0, until: null, blocks: 0 };
    const until = this.#playlist.at(run[1]);
    const restMs = this.#msBefore(this.#heard, until + 1) - this.#msBefore(this.#heard, idx + 1);
    const ms = Math.max(0, this.durationMs(idx) - positionMs) + restMs;
    return { ms, until, blocks: run[1] - place + 1 };
  }

  /** Return all ready blocks as `[[first, last], …]`, in reading order. */
  ranges() {
    return Array.from(this.#ready, (run) => run.map((place) => this.#playlist.at(place)));
  }

  /** Return how far the reading has come: `{elapsedMs, totalMs}` at speed 1. */
  place(idx, positionMs) {
    const within = this.#playlist.has(idx) ? Math.min(positionMs, this.durationMs(idx)) : 0;
    return { elapsedMs: this.#msBefore(this.#heard, idx) + within, totalMs: this.totalMs };
  }

  /** How long all that is heard lasts at speed 1. */
  get totalMs() {
    return this.#msBefore(this.#heard, Infinity);
  }

  /** Return which part of what is heard comes before a block, from 0 to 1. */
  shareBefore(idx) {
    return this.#msBefore(this.#heard, idx) / (this.totalMs || 1);
  }

  /** Return the block that is heard at this part of the whole, or null. */
  atShare(share) {
    let low = 0;
    let high = Math.max(0, this.#playlist.size - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.shareBefore(this.#playlist.at(middle)) <= share) low = middle;
      else high = middle - 1;
    }
    return this.#playlist.at(low);
  }

  #msBefore({ known, guessed }, end) {
    return known.before(end) + guessed.before(end) * this.#msPerChar();
  }

  #msPerChar() {
    const guessedMs = (GUESS_WEIGHT_CHARS / GUESSED_CHARS_PER_SECOND) * 1000;
    return (guessedMs + this.#heardMs) / (GUESS_WEIGHT_CHARS + this.#heardChars);
  }

  #measure() {
    this.#all = this.#sumsOf(this.#playlist.all);
    this.#heard = this.#sumsOf(this.#playlist);
  }

  /** Pauses and known lengths in ms and, of the other blocks, characters; by the block's index. */
  #sumsOf(blocks) {
    const size = (this.#playlist.all.at(-1)?.idx ?? -1) + 1;
    const [known, guessed] = [new Float64Array(size), new Float64Array(size)];
    for (const { idx, chars } of blocks) {
      known[idx] = this.#pausesMs(idx) + (this.#durations.get(idx) ?? 0);
      if (!this.#durations.has(idx)) guessed[idx] = chars;
    }
    return { known: new Sums(known), guessed: new Sums(guessed) };
  }

  #pausesMs(idx) {
    const inside = Math.floor(this.#playlist.chars(idx) / CHARS_PER_SENTENCE);
    return this.#pauseMs(idx) + inside * this.#sentencePauseMs;
  }

  #lookAtAll() {
    this.#ready = new Runs();
    let place = 0;
    for (const { idx } of this.#playlist) {
      if (this.#isReady(idx)) this.#ready.add(place);
      place += 1;
    }
  }

  #note(idx) {
    if (!this.#playlist.has(idx)) return;
    const place = this.#playlist.placeOf(idx);
    if (this.#isReady(idx)) this.#ready.add(place);
    else this.#ready.delete(place);
  }

  #isReady(idx) {
    return this.#session.stateOf(idx)?.status === "cached";
  }

  #learn(idx, state) {
    if (!state?.durationMs || this.#durations.has(idx)) return;
    this.#durations.set(idx, state.durationMs);
    this.#heardChars += this.#playlist.chars(idx);
    this.#heardMs += state.durationMs;
    for (const { known, guessed } of this.#playlist.has(idx) ? [this.#all, this.#heard] : [this.#all]) {
      known.set(idx, state.durationMs + this.#pausesMs(idx));
      guessed.set(idx, 0);
    }
  }

  #unlearn() {
    this.#durations.clear();
    this.#heardChars = 0;
    this.#heardMs = 0;
    this.#measure();
  }
}
