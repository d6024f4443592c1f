const MS = 1000;

/** One sound in one audio element, until it is disposed of. Events: ended, error. */
export class ElementSound extends EventTarget {
  #element;
  #url;
  #giveBack;
  #life = new AbortController();
  /** How long it is silent at its beginning and at its end, in ms, as far as that is known. */
  silence = [0, 0];

  /** `source` is what the element plays: a Blob or a MediaSource. */
  constructor(element, source, giveBack) {
    super();
    this.#element = element;
    this.#giveBack = giveBack;
    this.#url = URL.createObjectURL(source);
    element.volume = 1;
    element.preservesPitch = true;
    element.preload = "auto";
    element.src = this.#url;
  }

  /** The element, or null after the end. */
  get element() {
    return this.#element;
  }

  /** Aborts when the sound is disposed of. */
  get life() {
    return this.#life.signal;
  }

  /** Whether it would go on if more of it were there. */
  get isStalled() {
    return false;
  }

  /** Pass on what the element says of its end. */
  passOnEvents() {
    for (const type of ["ended", "error"]) {
      this.on(type, () => this.dispatchEvent(new Event(type)));
    }
  }

  on(type, listener) {
    this.#element?.addEventListener(type, listener, { signal: this.#life.signal });
  }

  once(type, listener) {
    this.#element?.addEventListener(type, listener, { once: true, signal: this.#life.signal });
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

  /** From 0 to 1; without effect on devices whose keys alone decide. */
  set volume(volume) {
    if (this.#element !== null) this.#element.volume = volume;
  }

  get positionMs() {
    return (this.#element?.currentTime ?? 0) * MS;
  }

  /** Infinity for one that was written as a stream: it does not tell its length. */
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
