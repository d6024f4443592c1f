import { Timers, systemClock } from "./clock.js";
import { Deck } from "./deck.js";
import { isFinal } from "./fetch_sound.js";
import { markAt, markOf } from "./marks.js";
import { sameVoice } from "./voice.js";

export const SLOWEST = 0.5;
export const FASTEST = 3;

const FAILED_BLOCK_PAUSE_MS = 1_500;
const FAILURES_IN_A_ROW = 10;
const MARKS_WITHIN_MS = 1_500;
const SAVE_EVERY_MS = 5_000;
// A position this close to the end of a block means that it was heard.
const END_MARGIN_MS = 250;
// So soon after its beginning a sentence is not the one that is meant by going back.
const SENTENCE_MARGIN_MS = 1_000;
// The end of a block is looked for again this long before it: a timer that long would be late.
const NEAR_END_MS = 250;
// A passage is left this long before its last word ends: the next one is not to be begun.
const STOP_EARLY_MS = 20;

/**
 * Plays block after block, each in the voice chosen last.
 *
 * Whatever was under way for another block or another voice is disposed of before anything else
 * happens; what comes after a wait counts only if its sound is still the one at the cursor.
 *
 * Between two blocks it is silent for as long as `pauseMs(idx)` says, at speed 1: what the sounds
 * themselves have of silence at their ends is part of it, and is cut short where it is too much.
 *
 * States: idle, loading, waiting, playing, paused, needs-gesture, failed, ended.
 * Events: state, block, marks, failed, speed.
 */
export class Player extends EventTarget {
  #session;
  #playlist;
  #sounds;
  #lookAhead;
  #sentences;
  #pauseMs;
  #clock;
  #deck;
  #timers;
  #state = "idle";
  #idx = null;
  #saved;
  #place;
  #speed;
  #volume = 1;
  #wantsSound = false;
  #isFailing = false;
  #isAtEnd = false;
  #until = null;
  #stopMs = Infinity;
  #failures = 0;
  #refreshed = new Set();

  constructor({
    session,
    playlist,
    sounds,
    loadMarks = async () => [],
    sentences = () => [],
    pauseMs = () => 0,
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
    this.#volume = volume;
    if (this.#current?.handle) this.#current.handle.volume = volume;
  }

  play() {
    if (this.idx === null) {
      if (!this.#playlist.complete) this.#awaitBlocks();
      return;
    }
    this.#wantSound();
    if (this.#state === "ended") this.#moveTo(this.#playlist.first);
    else if (this.#idx === null) this.#begin();
    else if (this.#isOver || this.#isAtEnd) this.#advance();
    else if (this.#current?.started && !this.#current.error) this.#sound(this.#current);
    else this.#pursue();
  }

  pause() {
    this.#until = null;
    if (this.#state === "idle" || this.#state === "ended") return;
    this.#wantsSound = false;
    this.#stopWaiting();
    this.#current?.handle?.pause();
    this.#timers.clear("turn");
    this.#timers.clear("save");
    this.#save();
    this.#become("paused");
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
    const end = this.marks && this.#sentenceAt(this.#offset)[1];
    const mark = this.marks?.[markOf(this.marks, end)];
    if (mark && mark[0] >= end) this.seek(mark[2]);
    else this.next();
  }

  previousSentence() {
    const startMs = (offset) => this.marks[markOf(this.marks, offset)]?.[2] ?? 0;
    if (!this.marks) {
      this.previous();
      return;
    }
    const [start] = this.#sentenceAt(this.#offset);
    if (this.positionMs - startMs(start) > SENTENCE_MARGIN_MS) this.seek(startMs(start));
    else if (start > 0) this.seek(startMs(this.#sentenceAt(start - 1)[0]));
    else this.previous();
  }

  /** Play a block from its beginning, from `ms`, or from the word at `offset` of what is spoken. */
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
    if (idx === this.#idx) this.playFrom(idx, this.#place);
    else this.#session.retry(idx);
  }

  seek(ms) {
    this.#until = null;
    const target = Math.max(0, Math.min(ms, this.durationMs ?? ms));
    if (this.#current?.started) this.#seekIn(this.#current, target);
    else this.#place = { ms: target };
    this.#saveSoon();
  }

  /** Go on in another voice, at the sentence being spoken; the old one falls silent first. */
  changeVoice(voice) {
    if (sameVoice(voice, this.#session.voice)) return;
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

  #wantSound() {
    this.#sounds.unlock?.();
    this.#wantsSound = true;
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

  /** The place in the spoken text that is heard now. */
  get #offset() {
    return this.marks?.[markAt(this.marks, this.positionMs)]?.[0] ?? 0;
  }

  /** The range of the sentence around a place in the spoken text. */
  #sentenceAt(offset) {
    const ranges = this.#sentences(this.#idx);
    return ranges.findLast(([start]) => start <= offset) ?? [0, Infinity];
  }

  #seekIn(sound, ms) {
    const isOver = this.#isOver;
    sound.endedAt = null;
    sound.handle.seek(ms);
    if (isOver && this.#wantsSound) this.#sound(sound);
    this.#planTurn();
  }

  #moveTo(idx, place = {}) {
    this.#stopWaiting();
    this.#isAtEnd = false;
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
    this.#saveSoon();
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
    if (!this.#current.started || this.#isOver) return;
    this.#wait(this.#current.handle.isStalled ? "waiting" : "playing");
    this.#planTurn();
  }

  /** Whether the place to start from is a word whose time is about to be known. */
  #lacksMarks(sound) {
    if (!this.#place.offset || !sound.awaitsMarks) return false;
    if (!this.#timers.has("marks")) {
      const { offset } = this.#place;
      this.#timers.after("marks", MARKS_WITHIN_MS, () => {
        if (sound === this.#current && this.#place.offset === offset) this.#place = {};
        this.#pursue();
      });
    }
    return true;
  }

  #start(sound) {
    const ms = this.#startMs(sound);
    sound.started = true;
    sound.handle.rate = this.#speed;
    sound.handle.volume = this.#volume;
    if (ms !== sound.handle.positionMs) sound.handle.seek(ms);
    this.#place = {};
    this.#sound(sound);
  }

  #startMs({ marks, handle }) {
    const { ms = 0, offset = null } = this.#place;
    if (offset !== null) return marks?.[markOf(marks, offset)]?.[2] ?? 0;
    return ms < (this.durationMs ?? handle.durationMs) - END_MARGIN_MS ? ms : 0;
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
    this.#failures = 0;
    this.#refreshed.clear();
    this.#become("playing");
    this.#planTurn();
    this.#saveSoon();
  }

  #refused(sound, error) {
    if (error.name === "AbortError") return; // Interrupted by a pause.
    if (error.name === "NotAllowedError") {
      this.#wantsSound = false;
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

  /** Have the next block begin when the pause after this one is over. */
  #planTurn() {
    this.#timers.clear("turn");
    this.#planStop();
    const ms = this.#state === "playing" && !this.#isInLast ? this.#untilTurn() : null;
    if (ms === null) return;
    if (ms > 2 * NEAR_END_MS) {
      this.#timers.after("turn", ms - NEAR_END_MS, () => this.#planTurn());
    } else if (ms > 0) {
      this.#timers.after("turn", ms, () => this.#turn());
    }
  }

  /** Whether what was asked for ends in the block at the cursor. */
  get #isInLast() {
    return this.#until !== null && this.#idx >= this.#until.idx;
  }

  /** Have it pause after the last word that was asked for. */
  #planStop() {
    this.#timers.clear("stop");
    this.#stopMs = Infinity;
    if (!this.#isInLast || this.#state !== "playing") return;
    const endMs = this.marks?.findLast(([start]) => start < this.#until.offset)?.[3];
    if (endMs === undefined) return;
    const ms = (endMs - this.positionMs) / this.#speed - STOP_EARLY_MS;
    // The word after it is never the one that is heard, even if a timer is late.
    this.#stopMs = endMs - 1;
    if (ms > 0) {
      const soon = ms > 2 * NEAR_END_MS ? ms - NEAR_END_MS : Math.max(ms, STOP_EARLY_MS / 2);
      this.#timers.after("stop", soon, () => this.#planStop());
    } else {
      this.#current.handle.pause();
      if (this.#current.handle.positionMs > this.#stopMs) this.#current.handle.seek(this.#stopMs);
      this.pause();
    }
  }

  /** The time until the next block is to sound, in ms as they pass; null if that is not known. */
  #untilTurn() {
    const [sound, next] = [this.#current, this.#deck.next];
    if (!sound?.started || !next?.handle) return null;
    const [, trail] = sound.handle.silence;
    const [lead] = next.handle.silence;
    const afterWords = Math.max(0, this.#pauseMs(this.#idx) - lead);
    const isOver = sound.endedAt !== null;
    const leftMs = (isOver ? 0 : this.durationMs - this.positionMs) - trail + afterWords;
    const ms = leftMs / this.#speed - (isOver ? this.#clock.now() - sound.endedAt : 0);
    return Number.isFinite(ms) ? ms : null;
  }

  #turn() {
    const idx = this.#playlist.after(this.#idx);
    const [lead] = this.#deck.next?.handle?.silence ?? [0];
    const surplus = lead - this.#pauseMs(this.#idx);
    if (idx !== null) this.#moveTo(idx, surplus > 0 ? { ms: surplus } : {});
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
    this.#save();
    this.#deck.dropAll();
    this.#isAtEnd = true;
    if (this.#playlist.complete) {
      this.#wantsSound = false;
      this.#session.want([]);
      this.#become("ended");
    } else {
      this.#wait("waiting");
    }
  }

  /** More blocks came, or it is sure that none will. */
  /** Nothing is there to play yet: begin as soon as something is. */
  #awaitBlocks() {
    this.#wantSound();
    this.#become("waiting");
  }

  #goOn() {
    if (this.#idx === null && this.#wantsSound) {
      if (this.idx !== null) this.#begin();
      else if (this.#playlist.complete) this.pause();
    } else if (this.#isAtEnd && this.#wantsSound) this.#advance();
    else if (this.#idx !== null && !this.#isAtEnd) this.#wantWindow();
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
    this.#stopWaiting();
    this.#refreshed.clear();
    if (this.#place.offset) return;
    const mark = marks?.[markAt(marks, positionMs)];
    this.#place = mark ? { offset: this.#sentenceAt(mark[0])[0] } : {};
  }

  #stopWaiting() {
    this.#isFailing = false;
    this.#timers.clear("turn");
    this.#timers.clear("failed");
    this.#timers.clear("marks");
  }

  #stop() {
    this.#timers.clearAll();
    this.#deck.dropAll();
    this.#wantsSound = false;
    this.#isFailing = false;
    this.#isAtEnd = false;
    this.#idx = null;
    this.#until = null;
    this.#place = {};
    this.#become("idle");
  }

  #wantWindow() {
    this.#session.want(this.#lookAhead.window(this.#idx, this.#speed));
  }

  #saveSoon() {
    if (this.#timers.has("save")) return;
    this.#timers.after("save", SAVE_EVERY_MS, () => {
      this.#save();
      if (this.#state === "playing") this.#saveSoon();
    });
  }

  #save() {
    // What was heard to its end was saved then, and a place in the text has no time yet.
    if (this.#idx === null || this.#isAtEnd || this.#place.offset) return;
    this.#session.savePosition(this.#idx, this.positionMs);
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
