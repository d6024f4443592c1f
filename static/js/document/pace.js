const NEWS = 0.3;
// What takes no time is faster than can be told; the server has the same limit.
const FASTEST = 1_000;
const UNKNOWN = { first_ms: 500, times_real_time: 4 };

/**
 * How fast the speech model that is listened to has been lately.
 *
 * `known`: what the server has seen, `{model_slug: {first_ms, times_real_time}}`; what this page
 * sees is added to it.
 */
export class Pace {
  #session;
  #clock;
  #known;
  #begun = new Map(); // when the first piece of each block was heard to be there

  constructor({ session, known, clock }) {
    this.#session = session;
    this.#known = new Map(Object.entries(known ?? {}));
    this.#clock = clock;
    session.addEventListener("voice", () => this.#begun.clear());
    session.addEventListener("block", ({ detail }) => this.#learn(detail.idx, detail.state));
  }

  /** Whether the model has been heard of at all. */
  get isKnown() {
    return this.#known.has(this.#session.voice?.model_slug);
  }

  /** Seconds of sound that are made in a second. */
  get timesRealTime() {
    return this.#now.times_real_time;
  }

  /** How long a block is in the making before it can be heard, in ms. */
  get firstMs() {
    return this.#now.first_ms;
  }

  get #now() {
    return this.#known.get(this.#session.voice?.model_slug) ?? UNKNOWN;
  }

  #learn(idx, state) {
    if (state?.status === "processing" && !this.#begun.has(idx)) {
      this.#begun.set(idx, this.#clock.now());
    } else if (state?.status === "cached" && state.durationMs && this.#begun.has(idx)) {
      const { first_ms, times_real_time } = this.#now;
      const seenMs = this.#clock.now() - this.#begun.get(idx);
      this.#begun.delete(idx);
      const ms = Math.max(1, first_ms + seenMs);
      const times = Math.min(FASTEST, state.durationMs / ms);
      // The less of the time was seen, and not supposed, the less it tells.
      const news = NEWS * (seenMs / ms);
      this.#known.set(this.#session.voice.model_slug, {
        first_ms,
        times_real_time: times_real_time + news * (times - times_real_time),
      });
    }
  }
}
