const GUESSED_CHARS_PER_SECOND = 14;
// The guess weighs as much as this many characters of real speech.
const GUESS_WEIGHT_CHARS = 300;

/**
 * How far the sound is ready in the voice chosen last, and how long the blocks last.
 *
 * Event: change.
 */
export class ReadyAhead extends EventTarget {
  #session;
  #playlist;
  #heardChars = 0;
  #heardMs = 0;
  #durations = new Map();

  constructor({ session, playlist }) {
    super();
    this.#session = session;
    this.#playlist = playlist;
    const change = () => this.dispatchEvent(new CustomEvent("change"));
    session.addEventListener("block", ({ detail }) => {
      this.#learn(detail.idx, detail.state);
      change();
    });
    session.addEventListener("voice", () => this.#unlearn());
    session.addEventListener("reset", change);
    playlist.addEventListener("grown", change);
  }

  /** Return how long a block lasts at speed 1: measured, else guessed from its length. */
  durationMs(idx) {
    return this.#durations.get(idx) ?? this.#playlist.chars(idx) * this.#msPerChar();
  }

  /** Return the unbroken ready sound from the cursor on: `{ms, until}`, the last block or null. */
  ahead(idx, positionMs) {
    let ms = 0;
    let until = null;
    for (let at = idx; at !== null && this.#isReady(at); at = this.#playlist.after(at)) {
      ms += at === idx ? Math.max(0, this.durationMs(at) - positionMs) : this.durationMs(at);
      until = at;
    }
    return { ms, until };
  }

  /** Return all ready blocks as `[[first, last], …]`, in reading order. */
  ranges() {
    const ranges = [];
    let wasReady = false;
    for (const { idx } of this.#playlist) {
      const isReady = this.#isReady(idx);
      if (isReady && wasReady) ranges.at(-1)[1] = idx;
      else if (isReady) ranges.push([idx, idx]);
      wasReady = isReady;
    }
    return ranges;
  }

  /** Return how far the reading has come: `{elapsedMs, totalMs}` at speed 1. */
  place(idx, positionMs) {
    let elapsedMs = 0;
    let totalMs = 0;
    for (const block of this.#playlist) {
      const ms = this.durationMs(block.idx);
      if (block.idx < idx) elapsedMs += ms;
      else if (block.idx === idx) elapsedMs += Math.min(positionMs, ms);
      totalMs += ms;
    }
    return { elapsedMs, totalMs };
  }

  #isReady(idx) {
    return this.#session.stateOf(idx)?.status === "cached";
  }

  #msPerChar() {
    const guessedMs = (GUESS_WEIGHT_CHARS / GUESSED_CHARS_PER_SECOND) * 1000;
    return (guessedMs + this.#heardMs) / (GUESS_WEIGHT_CHARS + this.#heardChars);
  }

  #learn(idx, state) {
    if (!state?.durationMs || this.#durations.has(idx)) return;
    this.#durations.set(idx, state.durationMs);
    this.#heardChars += this.#playlist.chars(idx);
    this.#heardMs += state.durationMs;
  }

  #unlearn() {
    this.#durations.clear();
    this.#heardChars = 0;
    this.#heardMs = 0;
  }
}
