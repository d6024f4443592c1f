const ELEMENTS_UNLOCKED = 2;
const MS = 1000;

/**
 * Makes sounds that are wholly here and decoded before they are asked to play.
 *
 * The audio elements are used again and again: some browsers let only those elements play that
 * were first played within a gesture.
 */
export class Sounds {
  #idle = [];
  #isUnlocked = false;
  #silence = null;

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

  /** Fetch and decode a sound. Rejects with the status of the answer, if that was the trouble. */
  async load(url, { signal }) {
    const blob = await fetchSound(url, signal);
    const sound = new Sound(this.#takeElement(), blob, (element) => this.#idle.push(element));
    try {
      await sound.ready(signal);
    } catch (error) {
      sound.dispose();
      throw error;
    }
    return sound;
  }

  #takeElement() {
    const element = this.#idle.pop() ?? new Audio();
    element.pause();
    return element;
  }
}

/** One sound in one element, until it is disposed of. Events: ended, error. */
class Sound extends EventTarget {
  #element;
  #url;
  #giveBack;
  #life = new AbortController();

  constructor(element, blob, giveBack) {
    super();
    this.#element = element;
    this.#giveBack = giveBack;
    this.#url = URL.createObjectURL(blob);
    element.preservesPitch = true;
    element.preload = "auto";
    element.src = this.#url;
  }

  /** Settle once the sound can start without delay, or cannot be decoded. */
  async ready(signal) {
    await this.#once("canplaythrough", signal);
    for (const type of ["ended", "error"]) {
      this.#element.addEventListener(type, () => this.dispatchEvent(new Event(type)), {
        signal: this.#life.signal,
      });
    }
  }

  #once(type, signal) {
    return new Promise((resolve, reject) => {
      const once = { once: true, signal: this.#life.signal };
      this.#element.addEventListener(type, resolve, once);
      const fail = () => reject(new Error("The browser cannot play its sound."));
      this.#element.addEventListener("error", fail, once);
      signal.addEventListener("abort", () => reject(signal.reason), once);
    });
  }

  play() {
    if (this.#element === null) return Promise.reject(new DOMException("disposed", "AbortError"));
    return this.#element.play();
  }

  pause() {
    this.#element?.pause();
  }

  seek(ms) {
    if (this.#element !== null) this.#element.currentTime = ms / MS;
  }

  get rate() {
    return this.#element?.playbackRate ?? 1;
  }

  set rate(rate) {
    if (this.#element === null) return;
    // Loading sets the rate back to the default one.
    this.#element.defaultPlaybackRate = rate;
    this.#element.playbackRate = rate;
  }

  get positionMs() {
    return (this.#element?.currentTime ?? 0) * MS;
  }

  /** Infinity for a file that was written as a stream: it does not tell its length. */
  get durationMs() {
    return (this.#element?.duration ?? 0) * MS;
  }

  /** Fall silent for good: no sound and no event comes after this. */
  dispose() {
    const element = this.#element;
    if (element === null) return;
    this.#element = null;
    this.#life.abort();
    element.pause();
    element.removeAttribute("src");
    element.load();
    URL.revokeObjectURL(this.#url);
    this.#giveBack(element);
  }
}

async function fetchSound(url, signal) {
  let blob;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw refusal(response.status);
    blob = await response.blob();
  } catch (error) {
    if (error.status) throw error;
    signal.throwIfAborted();
    throw new Error("Its sound could not be fetched.", { cause: error });
  }
  signal.throwIfAborted();
  return blob;
}

function refusal(status) {
  const words =
    status === 404 ? "Its sound is not there." : `The server would not give its sound (${status}).`;
  return Object.assign(new Error(words), { status });
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
