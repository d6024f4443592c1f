import { Timers } from "../clock.js";
import { beginMs, guessedMs, sentencePlace, shownMs } from "./begin_at.js";
import { Cues } from "./cues.js";
import { Deck } from "./deck.js";
import { Failures } from "./failures.js";

const MARKS_WITHIN_MS = 1_500;
// After a pause that was longer than this the thread is lost.
const LONG_PAUSE_MS = 10_000;

/**
 * Plays one block, that at the cursor, in the voice chosen last, and has the next one at hand.
 *
 * Whatever was under way for another block or another voice is disposed of before anything else
 * happens; what comes after a wait counts only if its sound is still the one at the cursor.
 *
 * States: idle, loading, waiting, playing, paused, needs-gesture, failed, ended.
 * Events: state; sounding, before it is said to play; refused, before it is said to need a
 * gesture; marks; failed; prepared, with its sound, while it is not to be heard yet; over (it was heard, or passed over), with the place at which the next
 * one is to begin.
 */
export class BlockPlayer extends EventTarget {
  /** Whether it is to be heard, as soon as it can be. */
  isWanted = false;
  /** Where it is to begin: see begin_at.js. */
  place = {};
  #session;
  #after;
  #sentences;
  #rewindMs;
  #volume;
  #clock;
  #deck;
  #cues;
  #failures;
  #timers;
  #state = "idle";
  #idx = null;
  #speed;
  #isAtEnd = false;
  #wasOver = false; // whether a voice fell silent after it had been heard
  #sequel = null;
  #pausedAt = null; // when a pause began, if nothing was moved since

  /**
   * `after(idx)`: the block that follows, or null; for the pauses see Cues.
   *
   * @param {{session: any, sounds: any, volume: any, after: (idx: number) => number | null,
   *   loadMarks?: any, sentences?: (idx: number) => any[], pauseMs?: (idx: number) => number,
   *   sentencePauseMs?: number, rewindMs?: number, speed?: number, clock: any}} parts
   */
  constructor({
    session,
    sounds,
    volume,
    after,
    loadMarks = async () => [],
    sentences = () => [],
    pauseMs = () => 0,
    sentencePauseMs = 0,
    rewindMs = 0,
    speed = 1,
    clock,
  }) {
    super();
    this.#session = session;
    this.#volume = volume;
    this.#after = after;
    this.#sentences = sentences;
    this.#rewindMs = rewindMs;
    this.#speed = speed;
    this.#clock = clock;
    this.#failures = new Failures({ clock });
    this.#timers = new Timers(clock);
    this.#deck = new Deck({ session, sounds, loadMarks, clock });
    this.#deck.addEventListener("change", () => this.#pursue());
    this.#deck.addEventListener("marks", () => this.#takeMarks());
    this.#deck.addEventListener("ended", () => this.#onEnded());
    this.#deck.addEventListener("next", () => this.#cues.plan());
    this.#deck.addEventListener("flow", () => this.#tellFlow());
    this.#cues = new Cues({
      block: this,
      deck: this.#deck,
      sentences,
      pauseMs,
      sentencePauseMs,
      clock,
    });
    this.#cues.addEventListener("resume", () => this.#sound(this.#current));
    this.#cues.addEventListener("over", ({ detail }) => this.#tell("over", detail));
    session.addEventListener("block", () => this.#pursue());
    session.addEventListener("reset", () => this.#beginAnew());
    session.connection.addEventListener("back", () => this.#pursue());
    volume.addEventListener("change", () => this.#setVolume());
  }

  get state() {
    return this.#state;
  }

  get idx() {
    return this.#idx;
  }

  get positionMs() {
    if (this.#current?.started) return Math.min(this.#current.handle.positionMs, this.#cues.stopMs);
    return shownMs(this.place, this.marks);
  }

  get durationMs() {
    return this.#session.stateOf(this.#idx)?.durationMs ?? this.#current?.handle?.durationMs ?? null;
  }

  /** The marks of the block in the voice chosen last, or null. */
  get marks() {
    return this.#current?.marks ?? null;
  }

  /** The same, or those of the words that were spoken so far: they tell the word, not what follows. */
  get litMarks() {
    // Until it has begun it is at no word, and may wait for the time of the one to begin at.
    return this.marks ?? (this.#current?.started ? this.#current.marksSoFar : null);
  }

  /** Until it has begun: where the word to begin at is in the text, if that is known. */
  get startsAt() {
    return this.#current?.started ? null : this.place.offset;
  }

  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.#speed = speed;
    if (this.#current?.handle) this.#current.handle.rate = speed;
    this.#cues.plan();
  }

  /** The first word not to be heard: `{idx, offset}`; null to read on. */
  get until() {
    return this.#cues.until;
  }

  set until(until) {
    this.#cues.until = until;
  }

  /** What follows the last block there is: a sound of another document. */
  set sequel(sound) {
    this.#sequel = sound;
    this.#cues.plan();
  }

  /** The sound that follows, if it is at hand. */
  get following() {
    return this.#deck.next ?? (this.#after(this.#idx) === null ? this.#sequel : null);
  }

  /** Whether what was asked for ends in this block. */
  get isInLast() {
    return this.#cues.isInLast;
  }

  /** Whether it has been heard, and the pause after it has not. */
  get isOver() {
    return this.#current !== null && this.#current.endedAt !== null;
  }

  /** Whether it has come to an end with this block, for now at least. */
  get isAtEnd() {
    return this.#isAtEnd;
  }

  /** Have it heard, however often it failed before. Called within the person's gesture. */
  want() {
    // An element that does not play within the gesture may be refused later.
    if (this.#idx === null && !this.#current?.handle) this.#deck.dropAll();
    this.isWanted = true;
    this.#failures.forgive();
  }

  /** Have at hand, before any is played, the stored sound of the block to begin with, or none. */
  fetchAhead(idx) {
    const url = this.#session.stateOf(idx)?.audioUrl;
    if (this.#current?.idx !== idx || this.#current?.url !== url) this.#deck.dropAll();
    if (idx !== null) this.#deck.load(idx);
  }

  /** Go to a block, and play it from `place` if it is wanted. */
  go(idx, place) {
    this.#stopWaiting();
    this.#isAtEnd = false;
    this.#pausedAt = null;
    this.#deck.keepOnly(idx);
    this.#idx = idx;
    this.place = place;
    if (!this.isWanted) {
      this.#current?.handle?.pause();
      this.#become("paused");
    }
    this.#pursue();
  }

  /** Go on where it was paused: from a little earlier if the thread is lost. */
  play() {
    this.#failures.endPause();
    this.#rewind();
    if (this.#idx === null) this.#wait("waiting");
    else if (this.#current?.started && !this.#current.error) this.#sound(this.#current);
    else this.#pursue();
  }

  pause() {
    this.isWanted = false;
    this.#stopWaiting();
    this.#current?.handle?.pause();
    this.#pausedAt ??= this.#clock.now();
    this.#become("paused");
  }

  seek(ms) {
    this.#pausedAt = null;
    if (this.#current?.started) this.#seekIn(this.#current, ms);
    else this.place = { ms };
  }

  /** Drop all sound of the voice there was, then find the place in the text to go on from. */
  fallSilent() {
    this.#wasOver = this.isOver;
    const { litMarks: marks, positionMs } = this;
    this.#deck.dropAll();
    if (this.#idx === null) return;
    const { held } = this.#cues;
    this.#stopWaiting();
    this.#failures.lookAgain();
    if (this.place.offset) return;
    const ranges = this.#sentences(this.#idx);
    this.place = sentencePlace({ marks, ms: positionMs, held, ranges });
  }

  /** The sounds of these blocks are void: the sentence starts again. See Player. */
  forget(blocks, placeOf) {
    if (blocks.has(this.#deck.next?.idx)) this.#deck.keepNext(null);
    if (!blocks.has(this.#idx ?? this.#current?.idx)) return;
    this.fallSilent();
    if (this.place.offset) this.place = { ...this.place, offset: placeOf(this.place.offset) };
    this.#beginAnew();
  }

  /** Another block follows now, or none. */
  renewNext() {
    this.#deck.keepNext(this.#after(this.#idx));
    this.#prepareNext();
    this.#cues.plan();
  }

  /** Nothing follows: rest here until it goes to another block. */
  end() {
    this.#dropAll();
    this.#isAtEnd = true;
    this.#become(this.isWanted ? "waiting" : "ended");
  }

  /** Be as at the beginning, to begin at `place`. */
  stop(place = {}) {
    this.#dropAll();
    this.isWanted = false;
    this.#isAtEnd = false;
    this.#idx = null;
    this.until = null;
    this.place = place;
    this.#become("idle");
  }

  get #current() {
    return this.#deck.current;
  }

  #rewind() {
    const isLong = this.#clock.now() - (this.#pausedAt ?? Infinity) > LONG_PAUSE_MS;
    this.#pausedAt = null;
    if (!isLong || this.#rewindMs === 0 || this.isOver || !this.#current?.started) return;
    this.#current.handle.seek(Math.max(0, this.positionMs - this.#rewindMs));
  }

  #seekIn(sound, ms) {
    const isSilent = this.isOver || this.#cues.held;
    this.#cues.endHold();
    sound.endedAt = null;
    sound.handle.seek(ms);
    if (isSilent && this.isWanted) this.#sound(sound);
    this.#cues.plan();
  }

  /** Nothing is known of the sounds any more: what has been heard is not heard again. */
  #beginAnew() {
    const wasOver = this.#wasOver && this.#idx !== null;
    this.#wasOver = false;
    if (wasOver) this.#tell("over", { place: {} });
    else this.#pursue();
  }

  /** Do what can be done next; called whenever something came. */
  #pursue() {
    if (this.#idx === null || this.#failures.isPausing || this.#isAtEnd) return;
    const sound = this.#deck.load(this.#idx);
    if (sound === null) this.#awaitSound();
    else if (sound.error) this.#giveUp(sound);
    else if (sound.handle === null || this.#lacksMarks(sound)) this.#await(sound);
    else {
      if (!sound.started && this.isWanted) this.#start(sound);
      else if (!sound.started) this.#tell("prepared", { sound });
      this.#prepareNext();
      this.#cues.plan();
    }
  }

  #takeMarks() {
    if (this.#idx === null) return; // Fetched ahead: whoever plays it asks for them.
    this.#tell("marks", { idx: this.#idx });
    this.#pursue();
  }

  #awaitSound() {
    const state = this.#session.stateOf(this.#idx);
    if (state?.status === "error") this.#fail(state.error, state.retryable);
    else this.#wait("waiting");
  }

  #await(sound) {
    this.#wait(sound.isLive ? "waiting" : "loading");
  }

  #wait(state) {
    if (this.isWanted) this.#become(state);
  }

  /** The sound is made more slowly than it is heard, or goes on. */
  #tellFlow() {
    if (!this.#current.started || this.isOver || this.#cues.held) return;
    this.#wait(this.#current.handle.isStalled ? "waiting" : "playing");
    this.#cues.plan();
  }

  /** Whether the place to start from is a word whose time is about to be known. */
  #lacksMarks(sound) {
    if (!this.place.offset || !sound.awaitsMarks) return false;
    if (!this.#timers.has("marks")) {
      const { offset, withinMs = MARKS_WITHIN_MS } = this.place;
      this.#timers.after("marks", withinMs, () => {
        if (sound === this.#current && this.place.offset === offset) {
          this.place = { ms: guessedMs(this.place, this.durationMs) };
        }
        this.#pursue();
      });
    }
    return true;
  }

  #start(sound) {
    const lastsMs = this.durationMs ?? sound.handle.durationMs;
    const ms = beginMs(this.place, sound.marks, lastsMs);
    sound.started = true;
    sound.handle.rate = this.#speed;
    this.#setVolume();
    if (ms !== sound.handle.positionMs) sound.handle.seek(ms);
    this.place = {};
    this.#sound(sound);
  }

  #setVolume() {
    if (this.#current?.handle) this.#current.handle.volume = this.#volume.loudness;
  }

  #sound(sound) {
    sound.handle.play().then(
      () => {
        if (sound !== this.#current) return;
        if (!this.isWanted) sound.handle.pause();
        else if (sound.handle.isStalled) this.#wait("waiting");
        else this.#sounding();
      },
      (error) => {
        if (sound === this.#current) this.#refused(sound, error);
      },
    );
  }

  #sounding() {
    this.#failures.forgive();
    this.#failures.lookAgain();
    this.#tell("sounding");
    this.#become("playing");
    this.#cues.plan();
  }

  #refused(sound, error) {
    if (error.name === "AbortError") return; // Interrupted by a pause.
    if (error.name === "NotAllowedError") {
      this.#tell("refused");
      this.isWanted = false;
      this.#become("needs-gesture");
    } else {
      sound.error = error;
      this.#pursue();
    }
  }

  #prepareNext() {
    const idx = this.#after(this.#idx);
    if (idx !== null && this.isWanted) this.#deck.prepare(idx);
  }

  #onEnded() {
    this.#current.endedAt = this.#clock.now();
    const mayRest = this.#state === "playing" && !this.isInLast && !this.#cues.held;
    if (mayRest) this.#cues.plan();
    else this.#tell("over", { place: {} });
  }

  /**
   * Its sound could not be had: once, ask whether it is elsewhere by now. While the server is out of
   * reach, what something else says in its place is not believed.
   */
  #giveUp(sound) {
    const isFailed = this.#session.stateOf(sound.idx)?.status === "error";
    if (sound.isLive && !isFailed && this.#session.connection.isLost) {
      this.#dropCurrent();
      this.#wait("waiting");
    } else if (this.#failures.mayBeElsewhere(sound)) {
      this.#dropCurrent();
      this.#session.refresh(sound.idx);
    } else {
      this.#fail(sound.error.message, true);
      // The server looks whether it is what was stored, and heals it for the next time.
      if (this.#failures.mayBeDamaged(sound)) this.#session.retry(sound.idx);
    }
  }

  /** Say so, and pass it over after a moment, unless it fails all the time. */
  #fail(message, retryable) {
    if (!this.isWanted) return;
    const isLast = this.isInLast || this.#after(this.#idx) === null;
    const goesOn = this.#failures.add(() => this.#tell("over", { place: {} })) && !isLast;
    this.#dropCurrent();
    this.#become("failed");
    this.#tell("failed", { idx: this.#idx, message, retryable, goesOn });
  }

  /** Drop the sound at the cursor; what follows goes on from where it was. */
  #dropCurrent() {
    if (this.#current?.started) this.place = { ms: this.positionMs };
    this.#cues.endHold();
    this.#deck.dropCurrent();
  }

  #dropAll() {
    this.#deck.dropAll();
    this.#stopWaiting();
  }

  #stopWaiting() {
    this.#failures.endPause();
    this.#cues.cancel();
    this.#timers.clearAll();
  }

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell("state");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
