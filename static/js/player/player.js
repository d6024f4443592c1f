import { systemClock } from "../clock.js";
import { sameVoice } from "../voices/voice.js";
import { BlockPlayer } from "./block_player.js";
import { PositionSaver } from "./position_saver.js";

export const SLOWEST = 0.5;
export const FASTEST = 3;

/**
 * Plays block after block, each in the voice chosen last, and saves where the person is.
 *
 * States: see BlockPlayer.
 * Events: state, block (readsOn: it came there by itself), marks, failed, speed, claim (it begins to
 * play: the last one wins), finished (all was heard; with the place at which what follows is to
 * begin), prepared (what it would begin with is at hand).
 */
export class Player extends EventTarget {
  #session;
  #playlist;
  #sounds;
  #lookAhead;
  #block;
  #saver;
  #saved;
  #isAsked = false;
  #asksWhere = false;

  /**
   * `followsRevisions`: whether it is told by `forget` which blocks are others when the document is
   * revised; else it stops then. `sounding`: what a BlockPlayer takes.
   *
   * @param {{session: any, playlist: any, sounds: any, volume: any, clock?: any,
   *   lookAhead?: {window(idx: number, speed: number): number[]}, position?: any,
   *   followsRevisions?: boolean, [sounding: string]: any}} parts
   */
  constructor({
    session,
    playlist,
    sounds,
    clock = systemClock,
    lookAhead = { window: (idx) => playlist.window(idx, 9) },
    position = null,
    followsRevisions = false,
    ...sounding
  }) {
    super();
    this.#session = session;
    this.#playlist = playlist;
    this.#sounds = sounds;
    this.#lookAhead = lookAhead;
    const after = (idx) => playlist.after(idx);
    this.#block = new BlockPlayer({ ...sounding, session, sounds, after, clock });
    this.#saver = new PositionSaver({ session, place: () => this.#placeToSave(), clock });
    this.#saved = position?.block_idx ?? 0;
    this.#block.place = { ms: position?.offset_ms ?? 0 };
    this.#block.addEventListener("state", () => {
      this.#tell("state", { state: this.state, idx: this.idx });
    });
    this.#block.addEventListener("sounding", () => this.#onSounding());
    this.#block.addEventListener("refused", () => this.#onRefused());
    this.#block.addEventListener("over", ({ detail }) => this.#advance(detail.place));
    for (const type of ["marks", "failed", "prepared"]) {
      this.#block.addEventListener(type, ({ detail }) => this.#tell(type, detail));
    }
    session.addEventListener("voice", ({ detail }) => {
      if (detail.by === "server") this.#block.fallSilent();
    });
    if (!followsRevisions) session.addEventListener("revised", () => this.#stop());
    session.addEventListener("ready", () => this.#fetchAhead());
    session.addEventListener("block", ({ detail }) => {
      if (detail.idx === this.idx) this.#fetchAhead();
    });
    playlist.addEventListener("grown", () => this.#goOn());
  }

  get state() {
    return this.#block.state;
  }

  /** The block at the cursor, or null when there is none to play. */
  get idx() {
    return this.#block.idx ?? this.#playlist.atOrAfter(this.#saved) ?? this.#playlist.first;
  }

  /** Whether the person wants to hear something, even if nothing can be heard yet. */
  get wantsSound() {
    return this.#block.isWanted;
  }

  /** Whether it plays, or was asked to and will as soon as it can. */
  get isPlaying() {
    return this.wantsSound && this.#isAsked;
  }

  get positionMs() {
    return this.#block.positionMs;
  }

  get durationMs() {
    return this.#session.stateOf(this.idx)?.durationMs ?? this.#block.durationMs;
  }

  /** The marks of the block at the cursor in the voice chosen last, or null. */
  get marks() {
    return this.#block.marks;
  }

  /** The same, or those of the words that were spoken so far. */
  get litMarks() {
    return this.#block.litMarks;
  }

  /** Until the block at the cursor has begun: where the word to begin at is, if that is known. */
  get startsAt() {
    return this.#block.startsAt;
  }

  get speed() {
    return this.#block.speed;
  }

  set speed(speed) {
    this.#block.speed = Math.min(FASTEST, Math.max(SLOWEST, speed));
    if (this.#block.idx !== null && this.wantsSound) this.#wantWindow();
    this.#tell("speed", { speed: this.speed });
  }

  /** The sound, in another player, that is to follow the last one of this document. */
  set sequel(sound) {
    this.#block.sequel = sound;
  }

  /**
   * Have at hand what it would begin with, here or at a block, so that it begins at once when it is
   * this document's turn.
   */
  prepare(idx = this.idx) {
    if (idx === null || this.#block.idx !== null) return;
    this.#block.go(idx, idx === this.#saved ? this.#block.place : {});
    this.#wantWindow();
  }

  /**
   * `isAsked`: by the person, and not by the page itself, which the browser may not let; `place`:
   * where it begins if it was prepared, and would begin at the beginning of a block.
   */
  play({ isAsked = true, place = {} } = {}) {
    if (this.idx === null) {
      if (!this.#playlist.complete) this.#awaitBlocks();
      return;
    }
    if (!this.#block.place.ms && !this.#block.place.offset) this.#block.place = place;
    this.#wantSound(isAsked);
    if (this.state === "ended") this.#moveTo(this.#playlist.first);
    else if (this.#block.idx === null) this.#begin();
    else if (this.#block.isOver || this.#block.isAtEnd) this.#advance({}, { readsOn: false });
    else this.#block.play();
  }

  pause() {
    this.#block.until = null;
    if (this.state === "idle" || this.state === "ended") return;
    // A page that has long been silent would overwrite what was heard elsewhere since.
    const hasNews = this.wantsSound || this.#saver.isDue;
    this.#block.pause();
    if (hasNews) this.#saver.now();
  }

  toggle() {
    if (this.wantsSound) this.pause();
    else this.play();
  }

  /** Fall silent and be where another page of the person's is: it is saved from there. */
  follow(idx, ms) {
    this.#saved = idx;
    this.#stop({ ms });
    this.#session.want([]);
    this.#tell("block", { idx: this.idx });
  }

  next() {
    const idx = this.idx === null ? null : this.#playlist.after(this.idx);
    this.#block.until = null;
    if (idx !== null) this.#moveTo(idx);
  }

  previous() {
    const idx = this.idx === null ? null : (this.#playlist.before(this.idx) ?? this.idx);
    this.#block.until = null;
    if (idx !== null) this.#moveTo(idx);
  }

  /** Go to a block, and read on from there if it was being read. */
  goTo(idx, place = {}) {
    this.#block.until = null;
    this.#moveTo(idx, place);
  }

  /** Go to another time in the block at the cursor. */
  seek(ms) {
    this.#block.until = null;
    this.#block.seek(Math.max(0, Math.min(ms, this.durationMs ?? ms)));
    this.#saver.soon();
  }

  /** Play a block from its beginning, or from another place: see begin_at.js. */
  playFrom(idx, place = {}, { until = null } = {}) {
    this.#block.until = until;
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
    const { place, until } = this.#block;
    if (idx === this.#block.idx) this.playFrom(idx, place, { until });
    else this.#session.retry(idx);
  }

  /** Go on in another voice, at the sentence being spoken; the old one falls silent first. */
  changeVoice(voice) {
    if (sameVoice(voice, this.#session.voice)) return;
    // A time in the old voice's sound says nothing about the new one's.
    if (this.#block.idx === null) this.#block.place = {};
    this.#block.fallSilent();
    this.#session.setVoice(voice);
  }

  /**
   * Something else is spoken of these blocks now: their sounds are void. `placeOf(offset)`: where a
   * word of the block at the cursor is by now.
   */
  forget(blocks, placeOf) {
    this.#block.forget(blocks, placeOf);
  }

  /** Have the sound at hand with which it would begin, if that is made already. */
  #fetchAhead() {
    if (this.#block.idx !== null || this.wantsSound) return;
    const state = this.#session.stateOf(this.idx);
    const isMade = state?.status === "cached";
    this.#block.fetchAhead(isMade && state.audioUrl ? this.idx : null);
    // It is wanted only until its address is told.
    const asks = isMade && !state.audioUrl;
    if (asks || this.#asksWhere) this.#session.want(asks ? [this.idx] : []);
    this.#asksWhere = asks;
  }

  /** Nothing is there to play yet: begin as soon as something is. */
  #awaitBlocks() {
    this.#wantSound();
    this.#block.play();
  }

  #wantSound(isAsked = true) {
    this.#sounds.unlock?.();
    const wasPlaying = this.isPlaying;
    this.#isAsked = isAsked || wasPlaying;
    this.#block.want();
    if (this.#isAsked && !wasPlaying) this.#claim();
  }

  /** Say that it is this page now that plays. */
  #claim() {
    this.#tell("claim");
    this.#saver.begin();
  }

  /** Start at the saved place, or at the next block if the one it is in is not spoken any more. */
  #begin() {
    this.#moveTo(this.idx, this.idx === this.#saved ? this.#block.place : {});
  }

  #moveTo(idx, place = {}, { readsOn = false } = {}) {
    this.#block.go(idx, place);
    this.#tell("block", { idx, readsOn });
    this.#wantWindow();
    this.#saver.soon(0);
  }

  #wantWindow() {
    this.#asksWhere = false;
    this.#session.want(this.#lookAhead.window(this.#block.idx, this.speed));
  }

  #onSounding() {
    if (!this.#isAsked) this.#claim();
    this.#isAsked = true;
    if (this.state === "playing") this.#saver.soon();
    else this.#saver.soon(0);
  }

  /** The browser did not let it play: who was told that it does is told that it does not. */
  #onRefused() {
    if (!this.isPlaying) return;
    this.#isAsked = false;
    this.#saver.now();
  }

  /** The block at the cursor is over: go on with the next one, or pause where this was to end. */
  #advance(place = {}, { readsOn = true } = {}) {
    const idx = this.#playlist.after(this.#block.idx);
    if (this.#block.isInLast) this.pause();
    else if (idx !== null) this.#moveTo(idx, place, { readsOn });
    else this.#finish(place);
  }

  #finish(place = {}) {
    const { complete } = this.#playlist;
    if (complete) this.#block.isWanted = false;
    this.#saver.now();
    this.#block.end();
    if (!complete) return;
    this.#session.want([]);
    this.#tell("finished", { place });
  }

  /** Fall silent for good. */
  stop() {
    this.#stop();
  }

  /** More blocks came, or it is sure that none will, or some are left out now. */
  #goOn() {
    if (this.#block.isAtEnd) {
      if (this.wantsSound) this.#advance();
    } else if (this.#block.idx === null) {
      this.#goOnBeforeBegin();
    } else if (this.#playlist.has(this.#block.idx)) {
      this.#block.renewNext();
      this.#wantWindow();
    } else {
      this.#leave();
    }
  }

  /** It may wait for something to begin with, or the saved place may be left out now. */
  #goOnBeforeBegin() {
    const next = this.#playlist.atOrAfter(this.#saved);
    if (this.wantsSound) {
      if (this.idx !== null) this.#begin();
      else if (this.#playlist.complete) this.pause();
    } else if (next !== null && next !== this.#saved) {
      this.#saved = next;
      this.#block.place = {};
      this.#tell("block", { idx: next });
    }
  }

  /** Leave a block that is left out now. */
  #leave() {
    const { idx } = this.#block;
    const next = this.#playlist.after(idx);
    this.#block.until = null;
    if (next !== null) this.#moveTo(next);
    else if (this.wantsSound) this.#finish();
    else this.#moveTo(this.#playlist.before(idx) ?? idx);
  }

  #stop(place) {
    this.#saver.cancel();
    this.#block.stop(place);
  }

  /** Return the place to save; none when it is at its end, which was saved when it was heard. */
  #placeToSave() {
    const { idx, isAtEnd, place, positionMs, state } = this.#block;
    if (idx === null || isAtEnd) return null;
    return {
      idx,
      ms: positionMs,
      isTimed: !place.offset,
      isPlaying: this.isPlaying,
      isHeard: state === "playing",
    };
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
