import { ElementSound } from "./element_sound.js";
import { fetchSilence, fetchSound, isFinal, Patience } from "./fetch_sound.js";

const MediaSourceHere = globalThis.MediaSource ?? globalThis.ManagedMediaSource;
const PAUSES_MS = [100, 500, 1_000, 2_000, 4_000];
// Once it has run dry it waits for so much, so that a slow engine makes few long pauses and not
// many short ones.
const ENOUGH_SECONDS = 1.5;
// An engine may think for long before it goes on: the server itself waits for 20 s. What is whole
// comes at once, unless the line is slow.
const GROWING_PATIENCE_MS = 25_000;
const WHOLE_PATIENCE_MS = 5_000;
// Nearer to the end than this there is nothing left to be heard.
const END_SECONDS = 0.05;

/** Whether a sound of this type can be played while it is being made. */
export const canStream = (type) => MediaSourceHere?.isTypeSupported(type) ?? false;

/**
 * A sound that is played while it is being made.
 *
 * It is told by `read` which attempt at making it there is, and by `complete` that an attempt is
 * whole: that alone, not the end of an answer, is its end. An answer that breaks off is fetched on
 * from where it was. When another attempt takes over, what has come of the one before stays, and
 * the other is appended from where that ends.
 *
 * Events: ready (it can start), stalled and resumed (it ran dry and goes on), whole (all of it is
 * here, and its silences are known), ended, error.
 */
export class LiveSound extends ElementSound {
  #source;
  #buffer = null;
  #opened;
  #url = null;
  #whole = null; // {url, bytes} of the attempt that is whole
  #attempt = null; // AbortController of the attempt that is read
  #patience = null; // with the answer that is read
  /** @type {(value?: any) => void} */
  #news = () => {};
  #isReady = false;
  #isStarved = false;
  #isWanted = false;
  #type;
  #keep;

  /** `keep(url, {blob, silence, bytes})` is called once it is whole. */
  constructor(element, type, giveBack, keep) {
    const source = new MediaSourceHere();
    // Without this a managed one does not open.
    element.disableRemotePlayback = true;
    super(element, source, giveBack);
    this.#source = source;
    this.#type = type;
    this.#keep = keep;
    this.#opened = this.#open(type);
    this.#opened.catch(() => {}); // It was disposed of before.
    this.passOnEvents();
    this.on("canplay", () => this.#becomeReady());
    this.on("waiting", () => this.#starve());
    this.on("playing", () => this.#goOn());
    this.on("seeked", () => this.#refill());
  }

  get isStalled() {
    return this.#isStarved;
  }

  /** Take the sound from the attempt at this address from now on. */
  read(url) {
    if (this.life.aborted || this.#isOver || url === this.#url) return;
    this.#url = url;
    this.#attempt?.abort();
    const attempt = new AbortController();
    const { signal } = attempt;
    this.#attempt = attempt;
    this.life.addEventListener("abort", () => attempt.abort(), { once: true, signal });
    this.#take(url, signal).catch((error) => {
      if (!signal.aborted) this.#fail(error);
    });
  }

  /** The attempt at this address is whole, with so many bytes. */
  complete(url, bytes) {
    // Told again, as when its marks have come, it is no news.
    if (url === this.#url && url !== this.#whole?.url) this.#patience?.renew(WHOLE_PATIENCE_MS);
    this.#whole = { url, bytes };
    this.read(url);
    this.#news();
  }

  /** The server is back after it was out of reach: what has not come since then will not come. */
  hurry() {
    this.#patience?.renew(WHOLE_PATIENCE_MS);
    this.#news();
  }

  /** Fetch no more of it. */
  stop() {
    this.#attempt?.abort();
  }

  play() {
    this.#isWanted = true;
    return this.#isStarved ? Promise.resolve() : super.play();
  }

  pause() {
    this.#isWanted = false;
    super.pause();
  }

  async #open(type) {
    await once(this.#source, "sourceopen", this.life);
    this.#buffer = this.#source.addSourceBuffer(type);
  }

  async #take(url, signal) {
    let answer = this.#fetch(url, 0, signal); // while the source opens
    await this.#opened;
    await this.#settled(signal);
    // What another attempt left half read is forgotten, and what is there of it stays.
    this.#buffer.abort();
    // Of sounds without times of their own: that the other one begins at the beginning.
    if (this.#buffer.mode === "sequence") this.#buffer.timestampOffset = 0;
    this.#buffer.appendWindowStart = this.#end;
    let received = 0;
    const pieces = [];
    for (let tries = 0; !this.#isWhole(url, received); tries++) {
      const before = received;
      let refusal = null;
      try {
        for await (const piece of answer ?? this.#fetch(url, received, signal, tries)) {
          await this.#append(piece, signal);
          received += piece.length;
          pieces.push(piece);
          this.#refill();
        }
      } catch (error) {
        signal.throwIfAborted();
        if (isDefect(error)) throw error;
        refusal = error;
      }
      answer = null;
      if (received > before) tries = 0;
      if (this.#isWhole(url, received)) break;
      // A refusal of what is whole is final; one of what grows tells that others have taken over.
      if (refusal !== null && isFinal(refusal) && this.#whole?.url === url) throw refusal;
      await this.#newsOrPause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)], signal);
    }
    await this.#settled(signal);
    this.#source.endOfStream();
    this.#refill();
    const silence = await fetchSilence(url, signal);
    signal.throwIfAborted();
    this.silence = silence ?? this.silence;
    // These very bytes are what is stored.
    const blob = new Blob(pieces, { type: this.#type });
    if (silence !== null) this.#keep(url, { blob, silence, bytes: received });
    this.dispatchEvent(new Event("whole"));
  }

  #fetch(url, from, signal, tries = 0) {
    const isWhole = this.#whole?.url === url;
    const ms = isWhole ? WHOLE_PATIENCE_MS * 2 ** Math.max(0, tries - 1) : GROWING_PATIENCE_MS;
    this.#patience = new Patience(signal, Math.min(ms, GROWING_PATIENCE_MS));
    return fetchSound(url, from, this.#patience);
  }

  #isWhole(url, received) {
    if (this.#whole?.url !== url) return false;
    if (received > this.#whole.bytes) throw new Error("Its sound is not as long as it should be.");
    return received === this.#whole.bytes;
  }

  async #append(piece, signal) {
    await this.#settled(signal);
    this.#buffer.appendBuffer(piece);
    await this.#settled(signal);
  }

  async #settled(signal) {
    if (this.#buffer.updating) await once(this.#buffer, "updateend", signal);
    signal.throwIfAborted();
  }

  #newsOrPause(ms, signal) {
    let timer;
    return new Promise((resolve, reject) => {
      timer = setTimeout(resolve, ms);
      this.#news = resolve;
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }).finally(() => {
      clearTimeout(timer);
      this.#news = () => {};
    });
  }

  get #end() {
    const { buffered } = this.#buffer;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
  }

  #becomeReady() {
    if (this.#isReady) return;
    this.#isReady = true;
    this.dispatchEvent(new Event("ready"));
  }

  #starve() {
    const { element } = this;
    if (this.#isStarved || element.paused || this.#isOver) return;
    this.#isStarved = true;
    super.pause();
    this.dispatchEvent(new Event("stalled"));
    this.#refill();
  }

  /** Go on if enough has come since it ran dry. */
  #refill() {
    if (!this.#isStarved) return;
    const ahead = this.#end - this.element.currentTime;
    if (!this.#isOver && ahead < ENOUGH_SECONDS * this.rate) return;
    this.#isStarved = false;
    // To play a sound that is at its end would be to begin it again.
    if (this.#isOver && ahead < END_SECONDS) this.dispatchEvent(new Event("ended"));
    else if (this.#isWanted) super.play().catch(() => {});
    else this.dispatchEvent(new Event("resumed"));
  }

  #goOn() {
    // What came just as it ran dry: both events are on their way, and it was held meanwhile.
    if (this.element.paused) return;
    this.#isStarved = false;
    this.dispatchEvent(new Event("resumed"));
  }

  get #isOver() {
    return this.#source.readyState === "ended";
  }

  #fail(error) {
    this.cause = error;
    this.dispatchEvent(new Event("error"));
  }
}

/** Whether it is the browser that will not take the sound, rather than the way to it. */
const isDefect = (error) => error instanceof DOMException && error.name !== "AbortError";

function once(target, type, signal) {
  return new Promise((resolve, reject) => {
    target.addEventListener(type, resolve, { once: true, signal });
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
