import { Timers } from "../clock.js";

const SAVE_EVERY_MS = 5_000;
// What another page of the person's follows is told at once, but not more often than this.
const SAVE_APART_MS = 500;

/** Tells the server where the person is: soon after each move, and now and then while it plays. */
export class PositionSaver {
  #session;
  #place;
  #clock;
  #timers;
  #dueAt = 0;
  #savedAt = -Infinity;
  #began = false;

  /**
   * `place()`: `{idx, ms, isTimed, isPlaying, isHeard}`, or null when there is nothing to save;
   * `isTimed` is false of a place in the text whose time is not known yet.
   */
  constructor({ session, place, clock }) {
    this.#session = session;
    this.#place = place;
    this.#clock = clock;
    this.#timers = new Timers(clock);
  }

  /** Whether there is news that has not been told. */
  get isDue() {
    return this.#timers.has("save");
  }

  /** Say, as soon as the place is settled, that it is this page now that plays. */
  begin() {
    this.#began = true;
    this.#savedAt = -Infinity;
    this.soon(0);
  }

  soon(withinMs = SAVE_EVERY_MS) {
    const now = this.#clock.now();
    const at = Math.max(now + withinMs, this.#savedAt + SAVE_APART_MS);
    if (this.isDue && this.#dueAt <= at) return;
    this.#dueAt = at;
    this.#timers.after("save", at - now, () => {
      this.now();
      if (this.#place()?.isHeard) this.soon();
    });
  }

  now() {
    this.cancel();
    const place = this.#place();
    if (place === null) return;
    const { idx, ms, isTimed, isPlaying } = place;
    const began = this.#began && isPlaying;
    // Who begins to play says so even before there is a time to tell.
    if (!isTimed && !began) return;
    this.#began = false;
    this.#savedAt = this.#clock.now();
    this.#session.savePosition(idx, ms, { playing: isPlaying, began });
  }

  cancel() {
    this.#timers.clearAll();
  }
}
