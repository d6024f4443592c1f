import { Timers, systemClock } from "./clock.js";
import { Deck } from "./deck.js";
import { isFinal } from "./fetch_sound.js";
import { markAt, markOf } from "./marks.js";
import { nextSentence, previousSentence, sentenceAt } from "./sentence_moves.js";
import { SentencePauses } from "./sentence_pauses.js";
import { placeAfter, untilTurn } from "./turns.js";
import { sameVoice } from "./voice.js";

export const SLOWEST = 0.5;
export const FASTEST = 3;

const FAILED_BLOCK_PAUSE_MS = 1_500;
const FAILURES_IN_A_ROW = 10;
const MARKS_WITHIN_MS = 1_500;
const SAVE_EVERY_MS = 5_000;
// What another page of the person's follows is told at once, but not more often than this.
const SAVE_APART_MS = 500;
// A position this close to the end of a block means that it was heard.
const END_MARGIN_MS = 250;
// The end of a block is looked for again this long before it: a timer that long would be late.
const NEAR_END_MS = 250;
// After a pause that was longer than this the thread is lost.
const LONG_PAUSE_MS = 10_000;
// A passage is left this long before its last word ends: the next one is not to be begun.
const END_EARLY_MS = 20;

/**
 * Plays block after block, each in the voice chosen last.
 *
 * Whatever was under way for another block or another voice is disposed of before anything else
 * happens; what comes after a wait counts only if its sound is still the one at the cursor.
 *
 * Between two blocks it is silent for as long as `pauseMs(idx)` says, at speed 1: what the sounds
 * themselves have of silence at their ends is part of it, and is cut short where it is too much.
 * Between two sentences of a block it is silent for `sentencePauseMs`, beside what the sound has
 * there: the sound is held, and the state stays "playing". After a long pause it goes on from
 * `rewindMs` earlier.
 *
 * States: idle, loading, waiting, playing, paused, needs-gesture, failed, ended.
 * Events: state, block, marks, failed, speed, volume, claim (it begins to play: the last one
 * wins).
 */
export class Player extends EventTarget {
  #session;
  #playlist;
  #sounds;
  #lookAhead;
  #sentences;
  #pauseMs;
  #pauses;
  #rewindMs;
  #clock;
  #deck;
  #timers;
  #state = "idle";
  #idx = null;
  #saved;
  #place;
  #speed;
  #volume = 1;
  #fade = 1;
  #isMuted = false;
  #wantsSound = false;
  #isAsked = false;
  #began = false;
  #saveAt = 0;
  #savedAt = -Infinity;
  #isFailing = false;
  #isAtEnd = false;
  #until = null;
  #stopMs = Infinity;
  #failures = 0;
  #refreshed = new Set();
  #pausedAt = null; // when a pause began, if nothing was moved since

  constructor({
    session,
    playlist,
    sounds,
    loadMarks = async () => [],
    sentences = () => [],
    pauseMs = () => 0,
    sentencePauseMs = 0,
    rewindMs = 0,
    volume = 1,
    clock = systemClock,
    lookAhead = { window: (idx) => playlist.window(idx, 9) },
    speed = 1,
    position = null,
  }) {
    super();
    this.#session = session;
    this.#playlist = playlist;
    this.#sounds = sounds;
    this.#lookAhead = lookAhead;
    this.#sentences = sentences;
    this.#pauseMs = pauseMs;
    this.#pauses = new SentencePauses({ ms: sentencePauseMs, sentences, clock });
    this.#rewindMs = rewindMs;
    this.#volume = volume;
    this.#clock = clock;
    this.#deck = new Deck({ session, sounds, loadMarks, clock });
    this.#timers = new Timers(clock);
    this.#speed = speed;
    this.#saved = position?.block_idx ?? 0;
    this.#place = { ms: position?.offset_ms ?? 0 };
    this.#deck.addEventListener("change", () => this.#pursue());
    this.#deck.addEventListener("marks", () => this.#takeMarks());
    this.#deck.addEventListener("ended", () => this.#onEnded());
    this.#deck.addEventListener("next", () => this.#planTurn());
    this.#deck.addEventListener("flow", () => this.#tellFlow());
    session.addEventListener("block", () => this.#pursue());
    session.addEventListener("reset", () => this.#pursue());
    session.addEventListener("voice", ({ detail }) => {
      if (detail.by === "server") this.#fallSilent();
    });
    session.addEventListener("revised", () => this.#stop());
    playlist.addEventListener("grown", () => this.#goOn());
  }

  get state() {
    return this.#state;
  }

  /** The block at the cursor, or null when there is none to play. */
  get idx() {
    return this.#idx ?? this.#playlist.atOrAfter(this.#saved) ?? this.#playlist.first;
  }

  /** Whether the person wants to hear something, even if nothing can be heard yet. */
  get wantsSound() {
    return this.#wantsSound;
  }

  /** Whether it plays, or was asked to and will as soon as it can. */
  get isPlaying() {
    return this.#wantsSound && this.#isAsked;
  }

  get positionMs() {
    if (this.#current?.started) return Math.min(this.#current.handle.positionMs, this.#stopMs);
    const { ms = 0, offset } = this.#place;
    return offset ? (this.marks?.[markOf(this.marks, offset)]?.[2] ?? ms) : ms;
  }

  get durationMs() {
    return this.#session.stateOf(this.idx)?.durationMs ?? this.#current?.handle?.durationMs ?? null;
  }

  /** The marks of the block at the cursor in the voice chosen last, or null. */
  get marks() {
    return this.#current?.marks ?? null;
  }

  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.#speed = Math.min(FASTEST, Math.max(SLOWEST, speed));
    if (this.#current?.handle) this.#current.handle.rate = this.#speed;
    this.#planTurn();
    if (this.#idx !== null && this.#wantsSound) this.#wantWindow();
    this.#tell("speed", { speed: this.#speed });
  }

  /** From 0 to 1. */
  get volume() {
    return this.#volume;
  }

  set volume(volume) {
    this.#volume = Math.min(1, Math.max(0, volume));
    this.#isMuted = false;
    this.#setVolume();
  }

  get isMuted() {
    return this.#isMuted;
  }

  set isMuted(isMuted) {
    this.#isMuted = isMuted;
    this.#setVolume();
  }

  /** From 1 to 0, beside the volume: how far it has died away. */
  get fade() {
    return this.#fade;
  }

  set fade(fade) {
    this.#fade = fade;
    if (this.#current?.handle) this.#current.handle.volume = this.#loudness;
  }

  /** `isAsked`: by the person, and not by the page itself, which the browser may not let. */
  play({ isAsked = true } = {}) {
    if (this.idx === null) {
      if (!this.#playlist.complete) this.#awaitBlocks();
      return;
    }
    this.#wantSound(isAsked);
    this.#rewind();
    if (this.#state === "ended") this.#moveTo(this.#playlist.first);
    else if (this.#idx === null) this.#begin();
    else if (this.#isOver || this.#isAtEnd) this.#advance();
    else if (this.#current?.started && !this.#current.error) this.#sound(this.#current);
    else this.#pursue();
  }

  pause() {
    this.#until = null;
    if (this.#state === "idle" || this.#state === "ended") return;
    // A page that has long been silent would overwrite what was heard elsewhere since.
    const hasNews = this.#wantsSound || this.#timers.has("save");
    this.#wantsSound = false;
    this.#stopWaiting();
    this.#current?.handle?.pause();
    this.#timers.clear("save");
    this.#pausedAt ??= this.#clock.now();
    if (hasNews) this.#save();
    this.#become("paused");
  }

  /** Fall silent and be where another page of the person's is: it is saved from there. */
  follow(idx, ms) {
    this.#stop();
    this.#session.want([]);
    this.#saved = idx;
    this.#place = { ms };
    this.#tell("block", { idx: this.idx });
  }

  toggle() {
    if (this.#wantsSound) this.pause();
    else this.play();
  }

  next() {
    this.#until = null;
    const idx = this.idx === null ? null : this.#playlist.after(this.idx);
    if (idx !== null) this.#moveTo(idx);
  }

  previous() {
    this.#until = null;
    const idx = this.idx === null ? null : (this.#playlist.before(this.idx) ?? this.idx);
    if (idx !== null) this.#moveTo(idx);
  }

  /** Go to a block, and read on from there if it was being read. */
  goTo(idx, place = {}) {
    this.#until = null;
    this.#moveTo(idx, place);
  }

  /** Go on so many ms later in the sound, or earlier, in the next block or the one before. */
  skip(ms) {
    if (this.idx === null) return;
    const target = this.positionMs + ms;
    if (target < 0) this.#skipBack(target);
    else if (target < (this.durationMs ?? Infinity)) this.seek(target);
    else this.next();
  }

  /** Go to the next sentence, or to the beginning of this one or of the one before. */
  nextSentence() {
    this.#goToSentence(nextSentence, () => this.next());
  }

  previousSentence() {
    this.#goToSentence(previousSentence, () => this.previous());
  }

  /**
   * Play a block from its beginning, from `ms`, or from the word at `offset` of what is spoken;
   * where its words are not known, from about where `share` of it is heard.
   */
  playFrom(idx, place = {}, { until = null } = {}) {
    this.#until = until;
    this.#wantSound();
    if (this.#session.stateOf(idx)?.status === "error") this.#session.retry(idx);
    this.#moveTo(idx, place);
  }

  /**
   * Play from one word to another, then pause: `from` and `to` are `{idx, offset}` of what is
   * spoken. Where no words are known, the blocks are played whole.
   */
  playRange({ from, to }) {
    this.playFrom(from.idx, { offset: from.offset }, { until: to });
  }

  /** Have a failed block made again, and play it if it is the one at the cursor. */
  retry(idx) {
    if (idx === this.#idx) this.playFrom(idx, this.#place, { until: this.#until });
    else this.#session.retry(idx);
  }

  seek(ms) {
    this.#until = null;
    const target = Math.max(0, Math.min(ms, this.durationMs ?? ms));
    this.#pausedAt = null;
    if (this.#current?.started) this.#seekIn(this.#current, target);
    else this.#place = { ms: target };
    this.#saveSoon();
  }

  /** Go on in another voice, at the sentence being spoken; the old one falls silent first. */
  changeVoice(voice) {
    if (sameVoice(voice, this.#session.voice)) return;
    // A time in the old voice's sound says nothing about the new one's.
    if (this.#idx === null) this.#place = {};
    this.#fallSilent();
    this.#session.setVoice(voice);
    this.#pursue();
  }

  /** The page is being left. */
  leave() {
    this.pause();
  }

  get #current() {
    return this.#deck.current;
  }

  #wantSound(isAsked = true) {
    this.#sounds.unlock?.();
    const wasPlaying = this.isPlaying;
    this.#isAsked = isAsked || wasPlaying;
    this.#wantsSound = true;
    if (this.#isAsked && !wasPlaying) this.#claim();
    this.#failures = 0;
  }

  #skipBack(ms) {
    this.#until = null;
    const idx = this.#playlist.before(this.idx);
    const lastsMs = idx === null ? 0 : (this.#session.stateOf(idx)?.durationMs ?? 0);
    const target = Math.min(lastsMs + ms, lastsMs - END_MARGIN_MS - 1);
    this.#moveTo(idx ?? this.idx, { ms: Math.max(0, target) });
  }

  /** Start at the saved place, or at the next block if the one it is in is not spoken any more. */
  #begin() {
    this.#moveTo(this.idx, this.idx === this.#saved ? this.#place : {});
  }

  #goToSentence(find, orElse) {
    const ranges = this.marks && this.#sentences(this.#idx);
    const ms = ranges && find(this.marks, ranges, this.positionMs);
    if (ms === null) orElse();
    else this.seek(ms);
  }

  /** Go back a little if it was quiet for so long that the thread is lost. */
  #rewind() {
    const isLong = this.#clock.now() - (this.#pausedAt ?? Infinity) > LONG_PAUSE_MS;
    this.#pausedAt = null;
    if (!isLong || this.#rewindMs === 0 || this.#isOver || !this.#current?.started) return;
    this.#current.handle.seek(Math.max(0, this.positionMs - this.#rewindMs));
  }

  #seekIn(sound, ms) {
    const isSilent = this.#isOver || this.#isHeld;
    this.#endHold();
    sound.endedAt = null;
    sound.handle.seek(ms);
    if (isSilent && this.#wantsSound) this.#sound(sound);
    this.#planTurn();
  }

  #moveTo(idx, place = {}) {
    this.#stopWaiting();
    this.#isAtEnd = false;
    this.#pausedAt = null;
    this.#deck.keepOnly(idx);
    this.#idx = idx;
    this.#place = place;
    if (!this.#wantsSound) {
      this.#current?.handle?.pause();
      this.#become("paused");
    }
    this.#pursue();
    this.#tell("block", { idx });
    this.#wantWindow();
    this.#saveSoon(0);
  }

  /** Do what can be done next for the block at the cursor; called whenever something came. */
  #pursue() {
    if (this.#idx === null || this.#isFailing || this.#isAtEnd) return;
    const sound = this.#deck.load(this.#idx);
    if (sound === null) this.#awaitSound();
    else if (sound.error) this.#giveUp(sound);
    else if (sound.handle === null || this.#lacksMarks(sound)) this.#await(sound);
    else {
      if (!sound.started && this.#wantsSound) this.#start(sound);
      this.#prepareNext();
      this.#planTurn();
    }
  }

  #takeMarks() {
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
    if (this.#wantsSound) this.#become(state);
  }

  /** The sound at the cursor is made more slowly than it is heard, or goes on. */
  #tellFlow() {
    if (!this.#current.started || this.#isOver || this.#isHeld) return;
    this.#wait(this.#current.handle.isStalled ? "waiting" : "playing");
    this.#planTurn();
  }

  /** Whether the place to start from is a word whose time is about to be known. */
  #lacksMarks(sound) {
    if (!this.#place.offset || !sound.awaitsMarks) return false;
    if (!this.#timers.has("marks")) {
      const { offset } = this.#place;
      this.#timers.after("marks", MARKS_WITHIN_MS, () => {
        if (sound === this.#current && this.#place.offset === offset) this.#place = { ms: this.#guessedMs };
        this.#pursue();
      });
    }
    return true;
  }

  #start(sound) {
    const ms = this.#startMs(sound);
    sound.started = true;
    sound.handle.rate = this.#speed;
    sound.handle.volume = this.#loudness;
    if (ms !== sound.handle.positionMs) sound.handle.seek(ms);
    this.#place = {};
    this.#sound(sound);
  }

  #startMs({ marks, handle }) {
    const { ms = 0, offset = null } = this.#place;
    if (offset !== null) return marks?.[markOf(marks, offset)]?.[2] ?? this.#guessedMs;
    return ms < (this.durationMs ?? handle.durationMs) - END_MARGIN_MS ? ms : 0;
  }

  /** When a sentence that was pressed begins, as far as its share tells while no words are known. */
  get #guessedMs() {
    return (this.#place.share ?? 0) * (this.#session.stateOf(this.#idx)?.durationMs ?? 0);
  }

  #sound(sound) {
    sound.handle.play().then(
      () => {
        if (sound !== this.#current) return;
        if (!this.#wantsSound) sound.handle.pause();
        else if (sound.handle.isStalled) this.#wait("waiting");
        else this.#sounding();
      },
      (error) => {
        if (sound === this.#current) this.#refused(sound, error);
      },
    );
  }

  #sounding() {
    if (!this.#isAsked) this.#claim();
    this.#isAsked = true;
    this.#failures = 0;
    this.#refreshed.clear();
    const goesOn = this.#state === "playing";
    this.#become("playing");
    this.#planTurn();
    this.#saveSoon(goesOn ? SAVE_EVERY_MS : 0);
  }

  #refused(sound, error) {
    if (error.name === "AbortError") return; // Interrupted by a pause.
    if (error.name === "NotAllowedError") {
      const saidSo = this.isPlaying;
      this.#wantsSound = false;
      if (saidSo) this.#save();
      this.#become("needs-gesture");
    } else {
      sound.error = error;
      this.#pursue();
    }
  }

  #prepareNext() {
    const idx = this.#playlist.after(this.#idx);
    if (idx !== null && this.#wantsSound) this.#deck.prepare(idx);
  }

  /** Whether the sound at the cursor has been heard, and the pause after it has not. */
  get #isOver() {
    return this.#current !== null && this.#current.endedAt !== null;
  }

  #onEnded() {
    this.#current.endedAt = this.#clock.now();
    if (this.#isInLast) {
      this.pause();
      return;
    }
    this.#planTurn();
    if (!this.#timers.has("turn")) this.#advance();
  }

  /** Have the next block begin when the pause after this one is over; pause after a sentence. */
  #planTurn() {
    this.#timers.clear("turn");
    this.#timers.clear("stop");
    this.#planEnd();
    if (this.#isHeld) this.#planGoingOn();
    else if (this.#state === "playing") {
      this.#planStop();
      if (!this.#isInLast) this.#when("turn", this.#untilTurn(), () => this.#turn());
    }
  }

  /** Do this in so many ms: a long time is measured anew near its end. */
  #when(name, ms, act) {
    if (ms === null || !(ms > 0)) return;
    if (ms > 2 * NEAR_END_MS) this.#timers.after(name, ms - NEAR_END_MS, () => this.#planTurn());
    else this.#timers.after(name, ms, act);
  }

  /** Whether what was asked for ends in the block at the cursor. */
  get #isInLast() {
    return this.#until !== null && this.#idx >= this.#until.idx;
  }

  /** Have it pause after the last word that was asked for. */
  #planEnd() {
    this.#timers.clear("end");
    this.#stopMs = Infinity;
    if (!this.#isInLast || this.#state !== "playing") return;
    const endMs = this.marks?.findLast(([start]) => start < this.#until.offset)?.[3];
    if (endMs === undefined) return;
    const ms = (endMs - this.positionMs) / this.#speed - END_EARLY_MS;
    // The word after it is never the one that is heard, even if a timer is late.
    this.#stopMs = endMs - 1;
    if (ms > 0) {
      const soon = ms > 2 * NEAR_END_MS ? ms - NEAR_END_MS : Math.max(ms, END_EARLY_MS / 2);
      this.#timers.after("end", soon, () => this.#planEnd());
    } else {
      this.#current.handle.pause();
      if (this.#current.handle.positionMs > this.#stopMs) this.#current.handle.seek(this.#stopMs);
      this.pause();
    }
  }

  #untilTurn() {
    return untilTurn({
      sound: this.#current,
      next: this.#deck.next,
      leftMs: this.durationMs - this.positionMs,
      pauseMs: this.#pauseMs(this.#idx),
      speed: this.#speed,
      now: this.#clock.now(),
    });
  }

  #turn() {
    const idx = this.#playlist.after(this.#idx);
    if (idx !== null) this.#moveTo(idx, placeAfter(this.#deck.next, this.#pauseMs(this.#idx)));
  }

  /** Fall silent at the next end of a sentence. */
  #planStop() {
    if (this.#isOver || !this.#current?.started) return;
    const stop = this.#pauses.next(this.#idx, this.marks, this.positionMs);
    if (stop === null) return;
    const ms = Math.max(1, (stop.ms - this.positionMs) / this.#speed);
    this.#when("stop", ms, () => {
      if (this.#pauses.begin(stop, this.positionMs)) this.#current.handle.pause();
      this.#planTurn();
    });
  }

  #planGoingOn() {
    this.#timers.after("stop", this.#pauses.leftMs(this.#speed), () => {
      this.#endHold();
      this.#sound(this.#current);
    });
  }

  /** Whether it is silent between two sentences. */
  get #isHeld() {
    return this.#pauses.held !== null;
  }

  #endHold() {
    this.#timers.clear("stop");
    this.#pauses.end();
  }

  #advance() {
    if (this.#isInLast) {
      this.pause();
      return;
    }
    const idx = this.#playlist.after(this.#idx);
    if (idx !== null) this.#moveTo(idx);
    else this.#finish();
  }

  #finish() {
    this.#timers.clearAll();
    this.#endHold();
    if (this.#playlist.complete) this.#wantsSound = false;
    this.#save();
    this.#deck.dropAll();
    this.#isAtEnd = true;
    if (this.#playlist.complete) {
      this.#session.want([]);
      this.#become("ended");
    } else {
      this.#wait("waiting");
    }
  }

  /** Nothing is there to play yet: begin as soon as something is. */
  #awaitBlocks() {
    this.#wantSound();
    this.#become("waiting");
  }

  /** More blocks came, or it is sure that none will, or some are left out now. */
  #goOn() {
    if (this.#idx !== null) this.#deck.keepNext(this.#playlist.after(this.#idx));
    if (this.#isLeftOut) {
      this.#leave();
    } else if (this.#isSavedLeftOut) {
      this.#saved = this.idx;
      this.#place = {};
      this.#tell("block", { idx: this.idx });
    } else if (this.#idx === null && this.#wantsSound) {
      if (this.idx !== null) this.#begin();
      else if (this.#playlist.complete) this.pause();
    } else if (this.#isAtEnd && this.#wantsSound) this.#advance();
    else if (this.#idx !== null && !this.#isAtEnd) {
      this.#prepareNext();
      this.#planTurn();
      this.#wantWindow();
    }
  }

  get #isLeftOut() {
    return this.#idx !== null && !this.#isAtEnd && !this.#playlist.has(this.#idx);
  }

  /** Whether playing would not begin at the saved place, because that is left out now. */
  get #isSavedLeftOut() {
    const next = this.#playlist.atOrAfter(this.#saved);
    const isWaiting = this.#wantsSound && this.#state === "waiting";
    return this.#idx === null && !isWaiting && next !== null && next !== this.#saved;
  }

  /** Leave a block that is left out now. */
  #leave() {
    this.#until = null;
    const idx = this.#playlist.after(this.#idx);
    if (idx !== null) this.#moveTo(idx);
    else if (this.#wantsSound) this.#finish();
    else this.#moveTo(this.#playlist.before(this.#idx) ?? this.#idx);
  }

  /** Its sound could not be had: once, ask whether it is elsewhere by now. */
  #giveUp(sound) {
    if (isFinal(sound.error) && !this.#refreshed.has(sound.idx)) {
      this.#refreshed.add(sound.idx);
      this.#dropCurrent();
      this.#session.refresh(sound.idx);
    } else {
      this.#fail(sound.error.message, true);
    }
  }

  /** Drop the sound at the cursor; what follows goes on from where it was. */
  #dropCurrent() {
    if (this.#current?.started) this.#place = { ms: this.positionMs };
    this.#endHold();
    this.#deck.dropCurrent();
  }

  #fail(message, retryable) {
    if (!this.#wantsSound) return;
    this.#isFailing = true;
    this.#failures += 1;
    this.#dropCurrent();
    if (this.#failures < FAILURES_IN_A_ROW) {
      this.#timers.after("failed", FAILED_BLOCK_PAUSE_MS, () => {
        this.#isFailing = false;
        this.#advance();
      });
    }
    this.#become("failed");
    this.#tell("failed", { idx: this.#idx, message, retryable });
  }

  /** Drop all sound of the voice there was, then find the place in the text to go on from. */
  #fallSilent() {
    if (this.#idx === null) return;
    const { marks, positionMs } = this;
    this.#deck.dropAll();
    const { held } = this.#pauses;
    this.#stopWaiting();
    this.#refreshed.clear();
    if (this.#place.offset) return;
    const offset = held?.offset ?? marks?.[markAt(marks, positionMs)]?.[0];
    const isKnown = offset !== undefined;
    this.#place = isKnown ? { offset: sentenceAt(this.#sentences(this.#idx), offset)[0] } : {};
  }

  #stopWaiting() {
    this.#isFailing = false;
    this.#endHold();
    this.#timers.clear("turn");
    this.#timers.clear("failed");
    this.#timers.clear("marks");
  }

  #stop() {
    this.#timers.clearAll();
    this.#deck.dropAll();
    this.#wantsSound = false;
    this.#isFailing = false;
    this.#endHold();
    this.#isAtEnd = false;
    this.#idx = null;
    this.#until = null;
    this.#place = {};
    this.#become("idle");
  }

  get #loudness() {
    return this.#isMuted ? 0 : this.#volume * this.#fade;
  }

  #setVolume() {
    if (this.#current?.handle) this.#current.handle.volume = this.#loudness;
    this.#tell("volume", { volume: this.#volume, isMuted: this.#isMuted });
  }

  #wantWindow() {
    this.#session.want(this.#lookAhead.window(this.#idx, this.#speed));
  }

  #saveSoon(withinMs = SAVE_EVERY_MS) {
    const now = this.#clock.now();
    const at = Math.max(now + withinMs, this.#savedAt + SAVE_APART_MS);
    if (this.#timers.has("save") && this.#saveAt <= at) return;
    this.#saveAt = at;
    this.#timers.after("save", at - now, () => {
      this.#save();
      if (this.#state === "playing") this.#saveSoon();
    });
  }

  #save() {
    if (this.#idx === null || this.#isAtEnd) return; // What was heard to its end was saved then.
    const began = this.#began && this.isPlaying;
    // A place in the text has no time yet; who begins to play says so all the same.
    if (this.#place.offset && !began) return;
    this.#began = false;
    this.#savedAt = this.#clock.now();
    const about = { playing: this.isPlaying, began };
    this.#session.savePosition(this.#idx, this.positionMs, about);
  }

  /** Say, as soon as the place is settled, that it is this page now that plays. */
  #claim() {
    this.#began = true;
    this.#savedAt = -Infinity;
    this.#tell("claim");
    this.#saveSoon(0);
  }

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell("state", { state, idx: this.idx });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
