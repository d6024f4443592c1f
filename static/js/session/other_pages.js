import { Timers, systemClock } from "../clock.js";

// Two pages were begun at the same moment if each hears of the other so soon.
const AT_ONCE_MS = 300;
// A page that is new may not know yet that another one plays, and what of it is on its way.
const NEW_FOR_MS = 6_000;
const ON_THE_WAY_MS = 2_000;
// The one that played then is believed again when it has said that it is silent, or after this.
const FALLS_SILENT_WITHIN_MS = 10_000;
// Several times the pause between two positions of a page that plays.
const FORGOTTEN_AFTER_MS = 20_000;

/**
 * The person's other pages of this document, on this device or others.
 *
 * While this page is silent it is always where the others are. Only one plays: the one that began
 * last. Late and doubled messages do no harm: a page that plays is moved by nothing, and gives way
 * only to one that it knows began after it.
 *
 * Event: change.
 */
export class OtherPages extends EventTarget {
  #session;
  #player;
  #clock;
  #timers;
  #playing = null;
  #tookOver = false;
  #beganAt = -Infinity;
  #stale = null;
  #silent = new Set();
  #connectedAt = null;

  constructor({ session, player, clock = systemClock }) {
    super();
    this.#session = session;
    this.#player = player;
    this.#clock = clock;
    this.#timers = new Timers(clock);
    player.addEventListener("claim", () => this.#begin());
    session.addEventListener("position", ({ detail }) => this.#onPosition(detail));
    session.addEventListener("back", ({ detail }) => this.#catchUp(detail));
    session.addEventListener("ready", () => {
      // What was said before there was a connection is heard by the others only now.
      if (this.#connectedAt !== null) return;
      this.#connectedAt = this.#clock.now();
      if (player.isPlaying) this.#beganAt = this.#connectedAt;
    });
  }

  /** The one that plays: {device, blockIdx}, or null. */
  get playing() {
    return this.#playing;
  }

  /** Whether it was this page that played before. */
  get tookOver() {
    return this.#tookOver;
  }

  /** Play here, from where the other one is. */
  takeOver() {
    this.#player.play();
  }

  #begin() {
    this.#beganAt = this.#clock.now();
    this.#stale = this.#playing?.sessionId ?? null;
    this.#silent.clear();
    this.#show(null, false);
  }

  #onPosition({ sessionId, device, playing, blockIdx, offsetMs }) {
    if (playing === false) this.#silent.add(sessionId);
    const wasPlaying = this.#player.isPlaying;
    if (this.#player.wantsSound && (playing !== true || this.#isLate(sessionId))) return;
    const isOther = this.#playing !== null && this.#playing.sessionId !== sessionId;
    if (isOther && playing === false) return;
    this.#player.follow(blockIdx, offsetMs);
    // So the one that plays knows that what is still on its way from here is old.
    if (wasPlaying) this.#session.savePosition(blockIdx, offsetMs, { playing: false });
    if (playing === true) {
      this.#show({ sessionId, device, blockIdx }, wasPlaying || this.#tookOver);
    } else if (playing === false) {
      this.#show(null, false);
    }
  }

  /** Whether it said that it plays before it could hear that this page began to. */
  #isLate(sessionId) {
    if (this.#silent.has(sessionId)) return false;
    const ms = this.#clock.now() - this.#beganAt;
    if (sessionId === this.#stale) return ms < FALLS_SILENT_WITHIN_MS;
    if (ms < AT_ONCE_MS) return sessionId < this.#session.sessionId;
    return ms < ON_THE_WAY_MS && this.#beganAt - this.#connectedAt < NEW_FOR_MS;
  }

  /** Back after a while: meanwhile the person may have gone on elsewhere. */
  #catchUp({ blockIdx, offsetMs }) {
    if (this.#player.wantsSound || blockIdx === this.#player.idx) return;
    if (blockIdx < this.#session.blockCount) this.#player.follow(blockIdx, offsetMs);
  }

  #show(playing, tookOver) {
    this.#timers.clearAll();
    if (playing !== null) {
      this.#timers.after("forget", FORGOTTEN_AFTER_MS, () => this.#show(null, false));
    }
    const isNews = playing !== null || this.#playing !== null;
    this.#playing = playing;
    this.#tookOver = tookOver;
    if (isNews) this.dispatchEvent(new CustomEvent("change"));
  }
}
