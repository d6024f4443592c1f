import { ElementSound } from "./element_sound.js";
import { fetchWhole } from "./fetch_sound.js";
import { KeptSounds } from "./kept_sounds.js";
import { LiveSound, canStream } from "./live_sound.js";

const ELEMENTS_UNLOCKED = 2;

/**
 * Return the name of what this browser plays best, of `{name: MIME type}`: one that it can play
 * while it is being made, else one that it can play at all. The first of equals.
 */
export function chooseSound(types) {
  const names = Object.keys(types);
  const probe = new Audio();
  return (
    names.find((name) => canStream(types[name])) ??
    names.find((name) => probe.canPlayType(types[name]) !== "") ??
    names[0]
  );
}

/**
 * Makes sounds: stored ones, that are wholly here and decoded before they are asked to play, and
 * live ones, that play while they grow.
 *
 * The audio elements are used again and again: some browsers let only those elements play that
 * were first played within a gesture.
 */
export class Sounds {
  #idle = [];
  #isUnlocked = false;
  #silence = null;
  #type;
  #kept;

  /** `type`: the MIME type, with its codec, of what the server makes; `kept`: what is here. */
  constructor({ type, kept = new KeptSounds({}) }) {
    this.#type = type;
    this.#kept = kept;
  }

  /** Whether a sound can be played while it is being made. */
  get canStream() {
    return canStream(this.#type);
  }

  /** Within a gesture, play nothing on each element, so that later sounds need none. */
  unlock() {
    if (this.#isUnlocked) return;
    this.#isUnlocked = true;
    // Kept for as long as the page is: an element may still be loading it when it is used again.
    this.#silence ??= URL.createObjectURL(silence());
    while (this.#idle.length < ELEMENTS_UNLOCKED) this.#idle.push(new Audio());
    const plays = this.#idle.map((element) => {
      element.src = this.#silence;
      return element.play();
    });
    Promise.all(plays).catch(() => {
      this.#isUnlocked = false; // it was no gesture, or a sound came in between: next time
    });
  }

  /**
   * Find or fetch a sound of so many bytes, and decode it. Rejects with the status of the answer,
   * if that was the trouble.
   */
  async load(url, { signal, bytes = null }) {
    return (await this.#loadKept(url, signal)) ?? (await this.#fetch(url, bytes, signal));
  }

  /** Return a sound that is to be told where it is made. */
  stream() {
    const keep = (url, whole) => this.#kept.keep(url, whole);
    return new LiveSound(this.#takeElement(), this.#type, this.#giveBack, keep);
  }

  async #loadKept(url, signal) {
    const found = await this.#kept.find(url);
    signal.throwIfAborted();
    if (found === null) return null;
    try {
      const sound = await this.#decode(found, signal);
      // One that was fetched ahead may never be.
      sound.once("play", () => this.#kept.heard());
      return sound;
    } catch {
      signal.throwIfAborted();
      await this.#kept.drop(url);
      return null;
    }
  }

  async #fetch(url, bytes, signal) {
    const whole = await fetchWhole(url, signal);
    signal.throwIfAborted();
    const sound = await this.#decode(whole, signal);
    this.#kept.keep(url, { ...whole, bytes });
    return sound;
  }

  async #decode({ blob, silence }, signal) {
    const sound = new StoredSound(this.#takeElement(), blob, this.#giveBack);
    sound.silence = silence;
    try {
      await sound.ready(signal);
    } catch (error) {
      sound.dispose();
      throw error;
    }
    return sound;
  }

  #giveBack = (element) => this.#idle.push(element);

  #takeElement() {
    const element = this.#idle.pop() ?? new Audio();
    element.pause();
    return element;
  }
}

/** A sound that is wholly here. */
class StoredSound extends ElementSound {
  /** Settle once the sound can start without delay, or cannot be decoded. */
  async ready(signal) {
    await new Promise((resolve, reject) => {
      const once = { once: true, signal: this.life };
      this.element.addEventListener("canplaythrough", resolve, once);
      const fail = () => reject(new Error("The browser cannot play its sound."));
      this.element.addEventListener("error", fail, once);
      signal.addEventListener("abort", () => reject(signal.reason), once);
    });
    this.passOnEvents();
  }
}

/** The shortest WAV file there is: a header and one silent sample, 8 kHz, 16 bit, mono. */
function silence() {
  const header = new DataView(new ArrayBuffer(46));
  const text = (at, letters) =>
    [...letters].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 38, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, 8000, true);
  header.setUint32(28, 16000, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, 2, true);
  return new Blob([header], { type: "audio/wav" });
}
