import { Timers, systemClock } from "../clock.js";

const MINUTE_MS = 60_000;
const FADE_MS = 8_000;
const FADE_STEP_MS = 250;
const TICK_MS = 1_000;

/**
 * Stops the player after so many minutes, with a fade, or where the chapter ends: the one in which
 * the person is, who may go to another.
 *
 * Event: change, whenever `leftMs` or `choice` is another one to show.
 */
export class SleepTimer extends EventTarget {
  #player;
  #volume;
  #chapterOf;
  #clock;
  #timers;
  #choice = null;
  #until = null;
  #chapter = null;

  /** `chapterOf(idx)`: a name for the chapter of a block, another one for each chapter. */
  constructor({ player, volume, chapterOf, clock = systemClock }) {
    super();
    this.#player = player;
    this.#volume = volume;
    this.#chapterOf = chapterOf;
    this.#clock = clock;
    this.#timers = new Timers(clock);
    player.addEventListener("block", ({ detail }) => this.#onBlock(detail));
    player.addEventListener("state", ({ detail }) => this.#onState(detail));
  }

  /** A number of minutes, "chapter", or null when it does not stop by itself. */
  get choice() {
    return this.#choice;
  }

  set choice(choice) {
    this.#timers.clearAll();
    this.#volume.fade = 1;
    this.#choice = choice;
    this.#until = typeof choice === "number" ? this.#clock.now() + choice * MINUTE_MS : null;
    this.#chapter = choice === "chapter" ? this.#chapterOf(this.#player.idx) : null;
    if (this.#until !== null) this.#tick();
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** How long it still plays, in ms; null when that is not counted. */
  get leftMs() {
    return this.#until === null ? null : Math.max(0, this.#until - this.#clock.now());
  }

  #tick() {
    const left = this.leftMs;
    if (left === 0) {
      this.#stop();
      return;
    }
    this.#volume.fade = Math.min(1, left / FADE_MS);
    const pause = left <= FADE_MS ? FADE_STEP_MS : Math.min(TICK_MS, left - FADE_MS);
    this.#timers.after("tick", Math.min(left, pause), () => this.#tick());
    this.dispatchEvent(new CustomEvent("change"));
  }

  #onBlock({ idx, readsOn }) {
    if (this.#choice !== "chapter") return;
    const chapter = this.#chapterOf(idx);
    if (readsOn && chapter !== this.#chapter) this.#stop();
    else this.#chapter = chapter;
  }

  /** The last chapter ends with the document. */
  #onState({ state }) {
    if (state === "ended" && this.#choice === "chapter") this.choice = null;
  }

  #stop() {
    this.#player.pause();
    this.choice = null;
  }
}
