/** What is known of each block's sound in one voice: another voice begins with new ones. */
export class BlockStates {
  #states = new Map();

  /**
   * Return `{status, audioUrl, marksUrl, durationMs, bytes, error, retryable, spokenBy,
   * marksSoFar}` or null.
   */
  of(idx) {
    return this.#states.get(idx) ?? null;
  }

  entries() {
    return this.#states.entries();
  }

  /** Whether nothing more is to be heard of a block. */
  isSettled(idx) {
    const state = this.of(idx);
    return state?.status === "error" || (state?.status === "cached" && state.audioUrl !== null);
  }

  /** Take in a message of type `status`. */
  take(message) {
    this.#states.set(message.block_idx, {
      status: message.status,
      audioUrl: message.audio_url || null,
      marksUrl: message.marks_url || null,
      durationMs: message.duration_ms,
      bytes: message.bytes,
      error: message.error || "",
      retryable: message.retryable === true,
      spokenBy: message.spoken_by ?? null,
      marksSoFar: message.marks ?? null,
    });
  }

  /** Take in the cached blocks of a `ready`; true when one of them was not known of. */
  takeCached(ranges, blockCount) {
    let hasNews = false;
    for (const [first, last] of ranges) {
      for (let idx = first; idx <= last && idx < blockCount; idx++) {
        if (this.of(idx)?.status === "cached") continue;
        this.#states.set(idx, CACHED_SOMEWHERE);
        hasNews = true;
      }
    }
    return hasNews;
  }

  /** A block is to be made again. */
  queue(idx) {
    this.#states.set(idx, { ...NOTHING_KNOWN, status: "queued" });
  }

  forget(idx) {
    this.#states.delete(idx);
  }
}

const NOTHING_KNOWN = {
  status: null,
  audioUrl: null,
  marksUrl: null,
  durationMs: null,
  bytes: null,
  error: "",
  retryable: false,
  spokenBy: null,
  marksSoFar: null,
};

/** All that a `ready` says of a cached block: the address comes when it is wanted. */
const CACHED_SOMEWHERE = Object.freeze({ ...NOTHING_KNOWN, status: "cached" });
