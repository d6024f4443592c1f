import { Agreement } from "./agreement.js";
import { Timers, systemClock } from "./clock.js";
import { GrowingPause } from "./pauses.js";
import * as protocol from "./protocol.js";
import { sameVoice, voiceName, voiceOf } from "./voice.js";

const ANSWER_WITHIN_MS = 8_000;
const WINDOW_EVERY_MS = 100;
const RESYNC_AFTER_MS = 500;
const FIRST_SILENCE_MS = 5_000;
const LONGEST_SILENCE_MS = 40_000;
const FIRST_REST_MS = 2_000;
const LONGEST_REST_MS = 30_000;
const QUOTA_REST_MS = 60_000;

/**
 * What one open page knows: the voice the person chose last, and each block's sound in that voice.
 *
 * A message is believed only if it came in order, is about this document as it is now, is in the
 * voice chosen last, and came after the server had carried out the last change of voice. All else is
 * dropped, counted and logged.
 *
 * Events: voice, reset, block, ready, revised, position, progress, trouble, dropped.
 */
export class ReadingSession extends EventTarget {
  #connection;
  #documentId;
  #revision;
  #blockCount;
  #voice;
  #log;
  #timers;
  #silence;
  #rest;
  #agreement = new Agreement();
  #adoptNext = false;
  #sessionId = null;
  #seq = 0;
  #states = new Map();
  #window = [];
  #retried = new Set();
  #sent = [];
  #askedTwice = false;
  #unsavedPosition = null;
  #trouble = null;
  #dropped = 0;

  constructor({
    connection,
    documentId,
    revision,
    blockCount,
    voice = null,
    clock = systemClock,
    random = Math.random,
    log = () => {},
  }) {
    super();
    this.#connection = connection;
    this.#documentId = documentId;
    this.#revision = revision;
    this.#blockCount = blockCount;
    this.#voice = voice;
    this.#log = log;
    this.#timers = new Timers(clock);
    this.#silence = new GrowingPause({
      first: FIRST_SILENCE_MS,
      longest: LONGEST_SILENCE_MS,
      random,
    });
    this.#rest = new GrowingPause({ first: FIRST_REST_MS, longest: LONGEST_REST_MS, random });
    connection.addEventListener("open", () => this.#begin());
    connection.addEventListener("close", () => this.#timers.clearAll());
    connection.addEventListener("message", (event) => this.#receive(event.detail.message));
  }

  /** The voice that the person chose last. */
  get voice() {
    return this.#voice;
  }

  /** Whether the server has confirmed that voice on this connection. */
  get answered() {
    return this.#sessionId !== null && this.#agreement.reached && !this.#adoptNext;
  }

  get revision() {
    return this.#revision;
  }

  get blockCount() {
    return this.#blockCount;
  }

  get sessionId() {
    return this.#sessionId;
  }

  /** What the server is to make or tell about, most wanted first. */
  get wanted() {
    return [...new Set([...this.#window, ...this.#retried])].slice(0, protocol.MAX_WINDOW);
  }

  /** How many messages were not believed. */
  get dropped() {
    return this.#dropped;
  }

  /** The last complaint of the server that still stands, or null. */
  get trouble() {
    return this.#trouble;
  }

  /** What is known about a block's sound in the voice chosen last, or null. */
  stateOf(idx) {
    return this.#states.get(idx) ?? null;
  }

  states() {
    return this.#states.entries();
  }

  /** Listen in this voice from now on. Whoever plays must have fallen silent before. */
  setVoice(voice) {
    if (sameVoice(voice, this.#voice)) return;
    this.#voice = voice;
    this.#adoptNext = false;
    this.#forgetStates();
    this.#tell("voice", { voice, by: "person" });
    this.#tellServerVoice();
  }

  /** Want the sound of these blocks, most wanted first, and no others. */
  want(indices) {
    const known = indices.filter((idx) => idx < this.#blockCount);
    this.#window = [...new Set(known)].slice(0, protocol.MAX_WINDOW);
    this.#sendWindow();
  }

  /** Have a block made again that went wrong. */
  retry(idx) {
    this.#retried.add(idx);
    this.#setTrouble(null);
    this.#setState(idx, { ...NOTHING_KNOWN, status: "queued" });
    this.#sent = this.wanted;
    this.#send(protocol.synthesize([...new Set([idx, ...this.wanted])].slice(0, protocol.MAX_WINDOW), { retry: true }));
    this.#listenForSilence();
  }

  /** Forget what is known about a block, because its sound is not where it should be; ask anew. */
  refresh(idx) {
    this.#states.delete(idx);
    this.#tell("block", { idx, state: null });
    this.#resyncSoon();
  }

  /** Tell the server where the person is, now or as soon as there is a connection. */
  savePosition(idx, ms) {
    const message = protocol.savePosition(idx, ms);
    this.#unsavedPosition = this.#send(message) ? null : message;
  }

  /** The page was brought back from the browser's history: nothing it heard before is sure. */
  comeBack() {
    this.#connection.restart();
  }

  #begin() {
    this.#timers.clearAll();
    this.#agreement.forget();
    this.#adoptNext = false;
    this.#sessionId = null;
    this.#seq = 0;
    this.#sent = [];
    this.#silence.reset();
    this.#expectAnswer();
    if (this.#voice !== null) this.#tellServerVoice();
    else this.#sendWindow();
    if (this.#unsavedPosition !== null) {
      this.#send(this.#unsavedPosition);
      this.#unsavedPosition = null;
    }
  }

  #tellServerVoice() {
    if (!this.#send(protocol.setVoice(this.#voice))) return;
    this.#agreement.asked(this.#voice);
    this.#sent = []; // Its wants in the old voice ended with that.
    this.#expectAnswer();
    this.#sendWindow();
  }

  #expectAnswer() {
    this.#timers.after("answer", ANSWER_WITHIN_MS, () => {
      this.#log("no answer to set_voice", { voice: voiceName(this.#voice) });
      this.#connection.reconnect();
    });
  }

  #sendWindow() {
    if (this.#timers.has("rest") || this.#timers.has("window")) return;
    const wanted = this.wanted;
    if (isSame(wanted, this.#sent)) return;
    if (!this.#send(wanted.length > 0 ? protocol.synthesize(wanted) : protocol.cancel())) return;
    this.#sent = wanted;
    this.#askedTwice = false;
    this.#silence.reset();
    this.#listenForSilence();
    this.#timers.after("window", WINDOW_EVERY_MS, () => this.#sendWindow());
  }

  /** Ask again when wanted blocks stay silent, ever more seldom; from the second time on, afresh. */
  #listenForSilence() {
    if (this.wanted.every((idx) => this.#isSettled(idx))) {
      this.#timers.clear("silence");
      return;
    }
    this.#timers.after("silence", this.#silence.next(), () => {
      if (!this.answered || this.#timers.has("rest")) {
        this.#listenForSilence();
      } else if (this.#askedTwice) {
        this.#resync();
      } else {
        this.#askedTwice = true;
        this.#send(protocol.synthesize(this.wanted));
        this.#listenForSilence();
      }
    });
  }

  #isSettled(idx) {
    const state = this.stateOf(idx);
    return state?.status === "error" || (state?.status === "cached" && state.audioUrl !== null);
  }

  /** The server tells each thing once after a `ready`: to be told again, ask for a `ready`. */
  #resync() {
    if (this.#voice !== null && this.answered) this.#tellServerVoice();
  }

  #resyncSoon() {
    if (!this.#timers.has("resync")) {
      this.#timers.after("resync", RESYNC_AFTER_MS, () => this.#resync());
    }
  }

  #receive(message) {
    if (!this.#isInOrder(message)) return;
    switch (message.type) {
      case "ready":
        return this.#onReady(message);
      case "status":
        return this.#onStatus(message);
      case "error":
        return this.#onError(message);
      case "position":
        return this.#onPosition(message);
      case "progress":
        return this.#onProgress(message);
    }
  }

  #isInOrder(message) {
    if (this.#seq === 0 && message.type !== "ready") {
      return this.#drop("before the first ready", message);
    }
    if (message.seq <= this.#seq) return this.#drop("seen already", message);
    // Something got lost on the way: ask for all of it again.
    if (message.seq > this.#seq + 1) this.#resyncSoon();
    this.#seq = message.seq;
    return true;
  }

  #onReady(message) {
    const voice = voiceOf(message);
    if (message.document_id !== this.#documentId) return this.#drop("other document", message);
    if (this.#sessionId !== null && message.session_id !== this.#sessionId) {
      return this.#drop("other session", message);
    }
    if (message.protocol !== protocol.PROTOCOL_VERSION) return this.#refuseProtocol(message);
    this.#sessionId = message.session_id;

    const wasAwaited = !this.#agreement.reached;
    if (wasAwaited && !this.#agreement.answered(voice)) {
      return this.#drop("ready before the answer", message);
    }
    const adopted = !wasAwaited && (this.#adoptNext || this.#voice === null);
    if (!adopted && !sameVoice(voice, this.#voice)) {
      this.#resyncSoon();
      return this.#drop("ready in another voice", message);
    }
    this.#timers.clear("answer");
    if (adopted) this.#adopt(voice);
    else if (wasAwaited) this.#forgetStates();
    this.#takeIn(message);
  }

  #adopt(voice) {
    this.#adoptNext = false;
    const changed = !sameVoice(voice, this.#voice);
    this.#voice = voice;
    this.#forgetStates();
    if (changed) this.#tell("voice", { voice, by: "server" });
    this.#sent = [];
    this.#sendWindow();
  }

  /** Take in what a believed `ready` says about the document and what is cached of it. */
  #takeIn({ revision, block_count: blockCount, cached }) {
    const isRevised = revision !== this.#revision;
    const grew = blockCount > this.#blockCount;
    this.#revision = revision;
    this.#blockCount = blockCount;
    if (isRevised) {
      this.#forgetStates();
      this.#retried.clear();
      this.want([]);
      this.#tell("revised", { revision, blockCount });
    }
    for (const [first, last] of cached) {
      for (let idx = first; idx <= last && idx < blockCount; idx++) {
        if (this.stateOf(idx)?.status !== "cached") {
          this.#setState(idx, { ...NOTHING_KNOWN, status: "cached" });
        }
      }
    }
    this.#setTrouble(null);
    this.#tell("ready", { blockCount, grew });
  }

  #onStatus(message) {
    const idx = message.block_idx;
    if (!this.answered) return this.#drop("status before the answer", message);
    if (message.document_id !== this.#documentId) return this.#drop("other document", message);
    if (message.revision !== this.#revision) return this.#drop("other revision", message);
    if (!sameVoice(voiceOf(message), this.#voice)) return this.#drop("other voice", message);
    if (idx >= this.#blockCount) return this.#drop("no such block", message);
    this.#setState(idx, {
      status: message.status,
      audioUrl: message.audio_url || null,
      marksUrl: message.marks_url || null,
      durationMs: message.duration_ms,
      bytes: message.bytes,
      error: message.error || "",
      retryable: message.retryable === true,
    });
    if (this.#isSettled(idx)) this.#retried.delete(idx);
    this.#rest.reset();
    this.#setTrouble(null);
    this.#askedTwice = false;
    this.#silence.reset();
    this.#listenForSilence();
  }

  #onError(message) {
    this.#log("error from the server", message);
    const { code, block_indices: blockIndices } = message;
    switch (code) {
      case "unknown_voice":
        // A voice may also be gone when blocks are asked for; then no set_voice was refused.
        if (this.#agreement.reached) this.#adoptNext = true;
        else if (blockIndices.length === 0) this.#adoptNext = this.#agreement.refused();
        break;
      case "bad_index":
        this.#giveUp(blockIndices);
        break;
      case "rate_limited":
      case "unavailable":
        this.#restThenAsk(this.#rest.next());
        break;
      case "over_quota":
        this.#restThenAsk(QUOTA_REST_MS);
        break;
    }
    this.#setTrouble({ code, message: message.message, blockIndices });
  }

  /** With one bad index nothing was carried out: ask for the others. */
  #giveUp(indices) {
    this.#window = this.#window.filter((idx) => !indices.includes(idx));
    for (const idx of indices) this.#retried.delete(idx);
    this.#sendWindow();
  }

  #restThenAsk(ms) {
    this.#timers.after("rest", ms, () => {
      this.#sent = [];
      if (this.#agreement.reached) this.#sendWindow();
      else this.#tellServerVoice();
    });
    if (!this.#agreement.reached) this.#timers.clear("answer");
  }

  #onPosition({ block_idx: blockIdx, offset_ms: offsetMs, session_id: sessionId }) {
    if (sessionId !== this.#sessionId) this.#tell("position", { blockIdx, offsetMs, sessionId });
  }

  #onProgress({ job, done, total, status, error }) {
    this.#tell("progress", { job, done, total, status, error });
  }

  #refuseProtocol(message) {
    this.#drop("another protocol", message);
    this.#connection.close();
    this.#setTrouble({ code: "outdated", message: "This page is out of date.", blockIndices: [] });
  }

  #forgetStates() {
    this.#states = new Map();
    this.#tell("reset");
  }

  #setState(idx, state) {
    this.#states.set(idx, state);
    this.#tell("block", { idx, state });
  }

  #setTrouble(trouble) {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#tell("trouble", { trouble });
  }

  #drop(reason, message) {
    this.#dropped += 1;
    this.#log(`dropped: ${reason}`, message);
    this.#tell("dropped", { reason, message });
    return false;
  }

  #send(message) {
    return this.#connection.send(message);
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const NOTHING_KNOWN = {
  status: null,
  audioUrl: null,
  marksUrl: null,
  durationMs: null,
  bytes: null,
  error: "",
  retryable: false,
};

const isSame = (one, other) =>
  one.length === other.length && one.every((value, at) => value === other[at]);
