import { Timers } from "../clock.js";
import { SentencePauses } from "./sentence_pauses.js";
import { placeAfter, untilTurn } from "./turns.js";

// What is due is looked for again this long before it: a timer that long would be late.
const NEAR_MS = 250;
// A passage is left this long before its last word ends: the next one is not to be begun.
const END_EARLY_MS = 20;

/**
 * What is due at a moment of the sound at the cursor: the next block's turn, the silence after a
 * sentence, the end of a passage.
 *
 * Between two blocks it is silent for as long as `pauseMs(idx)` says, at speed 1: what the sounds
 * themselves have of silence at their ends is part of it, and is cut short where it is too much.
 * Between two sentences of a block it is silent for `sentencePauseMs`, beside what the sound has
 * there: the sound is held, and the state stays "playing".
 *
 * Events: over, with the place at which the next block is to begin; resume, after a silence.
 */
export class Cues extends EventTarget {
  /** The first word not to be heard, as `{idx, offset}` of what is spoken; null to read on. */
  until = null;
  #block;
  #deck;
  #pauseMs;
  #pauses;
  #clock;
  #timers;
  #stopMs = Infinity;

  /** `block`: the player of the block at the cursor, whose sound is the `deck`'s. */
  constructor({ block, deck, sentences, pauseMs, sentencePauseMs, clock }) {
    super();
    this.#block = block;
    this.#deck = deck;
    this.#pauseMs = pauseMs;
    this.#pauses = new SentencePauses({ ms: sentencePauseMs, sentences, clock });
    this.#clock = clock;
    this.#timers = new Timers(clock);
  }

  /** Where a passage ends in the sound, even if the timer for it is late. */
  get stopMs() {
    return this.#stopMs;
  }

  /** Whether what was asked for ends in the block at the cursor. */
  get isInLast() {
    return this.until !== null && this.#block.idx >= this.until.idx;
  }

  /** The end of a sentence at which it is silent now, or null. */
  get held() {
    return this.#pauses.held;
  }

  /** Set all of them anew, because something that they depend on is another. */
  plan() {
    this.#timers.clear("turn", "stop");
    this.#planEnd();
    if (this.held) this.#planGoingOn();
    else if (this.#block.state === "playing") {
      this.#planStop();
      this.#planTurn();
    }
  }

  /** End the silence after a sentence, if there is one, and plan no other. */
  endHold() {
    this.#timers.clear("stop");
    this.#pauses.end();
  }

  /** Nothing more follows from the sound there was. */
  cancel() {
    this.endHold();
    this.#timers.clear("turn");
  }

  #planEnd() {
    this.#timers.clear("end");
    this.#stopMs = Infinity;
    const { state, marks, positionMs, speed } = this.#block;
    if (!this.isInLast || state !== "playing") return;
    const endMs = marks?.findLast(([start]) => start < this.until.offset)?.[3];
    if (endMs === undefined) return;
    const ms = (endMs - positionMs) / speed - END_EARLY_MS;
    // The word after it is never the one that is heard, even if a timer is late.
    this.#stopMs = endMs - 1;
    if (ms > 0) {
      const soon = ms > 2 * NEAR_MS ? ms - NEAR_MS : Math.max(ms, END_EARLY_MS / 2);
      this.#timers.after("end", soon, () => this.#planEnd());
    } else {
      const { handle } = this.#deck.current;
      handle.pause();
      if (handle.positionMs > this.#stopMs) handle.seek(this.#stopMs);
      this.#tell("over");
    }
  }

  #planGoingOn() {
    this.#timers.after("stop", this.#pauses.leftMs(this.#block.speed), () => {
      this.endHold();
      this.#tell("resume");
    });
  }

  #planStop() {
    const sound = this.#deck.current;
    if (!sound?.started || sound.endedAt !== null) return;
    const { idx, marks, positionMs, speed } = this.#block;
    const stop = this.#pauses.next(idx, marks, positionMs);
    if (stop === null) return;
    const ms = Math.max(1, (stop.ms - positionMs) / speed);
    this.#when("stop", ms, () => {
      if (this.#pauses.begin(stop, this.#block.positionMs)) this.#deck.current.handle.pause();
      this.plan();
    });
  }

  #planTurn() {
    if (this.isInLast) return;
    const { idx, positionMs, durationMs, speed } = this.#block;
    const ms = untilTurn({
      sound: this.#deck.current,
      next: this.#block.following,
      leftMs: durationMs - positionMs,
      pauseMs: this.#pauseMs(idx),
      speed,
      now: this.#clock.now(),
    });
    const turn = () => this.#tell("over", placeAfter(this.#block.following, this.#pauseMs(idx)));
    this.#when("turn", ms, turn);
    // The timer may be overdue that was cleared for this plan, and nothing else would lead on.
    if (this.#block.isOver && !this.#timers.has("turn")) turn();
  }

  /** Do this in so many ms: a long time is measured anew near its end. */
  #when(name, ms, act) {
    if (ms === null || !(ms > 0)) return;
    if (ms > 2 * NEAR_MS) this.#timers.after(name, ms - NEAR_MS, () => this.plan());
    else this.#timers.after(name, ms, act);
  }

  #tell(type, place = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail: { place } }));
  }
}
