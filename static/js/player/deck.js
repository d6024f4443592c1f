import { BlockSound } from "./block_sound.js";

/**
 * The two sounds there can be: the block's at the cursor and, ahead of its time, the next one's.
 *
 * Only the first is heard of: a sound that was dropped says nothing any more, to anyone.
 * Events: change (something came or failed), marks, ended, flow (it ran dry, or goes on),
 * next (the next one has come).
 */
export class Deck extends EventTarget {
  #session;
  #sounds;
  #loadMarks;
  #clock;
  #current = null;
  #next = null;

  constructor({ session, sounds, loadMarks, clock }) {
    super();
    this.#session = session;
    this.#sounds = sounds;
    this.#loadMarks = loadMarks;
    this.#clock = clock;
    session.addEventListener("block", ({ detail: { idx, state } }) => {
      for (const sound of [this.#current, this.#next]) {
        if (sound?.idx === idx) sound.follow(state);
      }
    });
  }

  /** The next block's sound, if it is there already. */
  get next() {
    return this.#next;
  }

  get current() {
    return this.#current;
  }

  /** Keep the sound of this block, if there is one, to be started anew; drop all else. */
  keepOnly(idx) {
    const kept = [this.#current, this.#next].find((sound) => sound?.idx === idx && !sound.error);
    if (kept !== this.#current) this.#current?.dispose();
    if (kept !== this.#next) this.#next?.dispose();
    this.#current = kept ?? null;
    this.#next = null;
    if (!kept) return;
    kept.handle?.pause();
    Object.assign(kept, { started: false, endedAt: null });
  }

  /** Return the sound of the block at the cursor; null when nothing of it is there yet. */
  load(idx) {
    this.#current ??= this.#open(idx);
    return this.#current;
  }

  prepare(idx) {
    this.keepNext(idx);
    this.#next ??= this.#open(idx);
  }

  /** Drop what was fetched ahead if another block follows now, or none (null). */
  keepNext(idx) {
    if (this.#next === null || this.#next.idx === idx) return;
    this.#next.dispose();
    this.#next = null;
  }

  dropCurrent() {
    this.#current?.dispose();
    this.#current = null;
  }

  dropAll() {
    this.dropCurrent();
    this.#next?.dispose();
    this.#next = null;
  }

  #open(idx) {
    const state = this.#session.stateOf(idx);
    if (!state?.audioUrl || (state.status !== "cached" && !this.#sounds.canStream)) return null;
    const sound = new BlockSound({
      idx,
      state,
      sounds: this.#sounds,
      connection: this.#session.connection,
      loadMarks: this.#loadMarks,
      clock: this.#clock,
    });
    this.#passOn(sound, "loaded", "change");
    sound.addEventListener("loaded", () => {
      if (sound === this.#next) this.dispatchEvent(new CustomEvent("next"));
    });
    this.#passOn(sound, "failed", "change");
    this.#passOn(sound, "marks", "marks");
    this.#passOn(sound, "ended", "ended");
    this.#passOn(sound, "stalled", "flow");
    this.#passOn(sound, "resumed", "flow");
    return sound;
  }

  #passOn(sound, type, as) {
    sound.addEventListener(type, () => {
      if (sound === this.#current) this.dispatchEvent(new CustomEvent(as));
    });
  }
}
