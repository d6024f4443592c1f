/**
 * How loud it is: as the person chose, times how far it has died away, and nothing while muted.
 *
 * Event: change.
 */
export class Volume extends EventTarget {
  #level;
  #isMuted = false;
  #fade = 1;

  constructor(level = 1) {
    super();
    this.#level = level;
  }

  /** What the person chose, from 0 to 1. */
  get level() {
    return this.#level;
  }

  set level(level) {
    this.#level = Math.min(1, Math.max(0, level));
    this.isMuted = false;
  }

  get isMuted() {
    return this.#isMuted;
  }

  set isMuted(isMuted) {
    this.#isMuted = isMuted;
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** From 1 to 0: how far it has died away. */
  get fade() {
    return this.#fade;
  }

  set fade(fade) {
    this.#fade = fade;
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** What is heard of it all. */
  get loudness() {
    return this.#isMuted ? 0 : this.#level * this.#fade;
  }
}
