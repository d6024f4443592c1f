import { Agreement } from "./agreement.js";
import { Asking } from "./asking.js";
import { Timers, systemClock } from "./clock.js";
import { PROTOCOL_VERSION, savePosition, setVoice } from "./protocol.js";
import { sameVoice, voiceName, voiceOf } from "./voice.js";

const ANSWER_WITHIN_MS = 8_000;
const RESYNC_AFTER_MS = 500;
// Longer than the pause between two positions of a page that plays.
const QUIET_AFTER_RETURN_MS = 6_000;

/**
 * What one open page knows: the voice the person chose last, and each block's sound in that voice.
 *
 * A message is believed only if it came in order, is about this document as it is now, is in the
 * voice chosen last, and came after the server had carried out the last change of voice. All else
 * is dropped, counted and logged.
 *
 * Events: voice, reset, block, ready, revised, position, progress, trouble, dropped; back, with the
 * place that the server has, after the connection had been lost.
 */
export class ReadingSession extends EventTarget {
  #connection;
  #documentId;
  #revision;
  #blockCount;
  #voice;
  #log;
  #timers;
  #asking;
  #agreement = new Agreement();
  #adoptNext = false;
  #sessionId = null;
  #ownIds = new Set();
  #seq = 0;
  #states = new Map();
  #unsavedPosition = null;
  #quietUntil = -Infinity;
  #comesBack = false;
  #clock;
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
    this.#clock = clock;
    this.#timers = new Timers(clock);
    this.#asking = new Asking({
      send: (message) => connection.send(message),
      isSettled: (idx) => isSettled(this.stateOf(idx)),
      mayAsk: () => this.answered,
      askAfresh: () => this.#resync(),
      clock,
      random,
    });
    connection.addEventListener("open", () => this.#begin());
    connection.addEventListener("close", () => this.#pauseAll());
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

  /** The blocks whose sound is wanted, most wanted first. */
  get wanted() {
    return this.#asking.wanted;
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
    this.#states = new Map();
    this.#asking.stop();
    this.#setTrouble(null);
    this.#tell("voice", { voice, by: "person" });
    this.#tell("reset");
    this.#tellServerVoice();
  }

  /** Want the sound of these blocks, most wanted first, and of no others. */
  want(indices) {
    this.#asking.want(indices.filter((idx) => idx < this.#blockCount));
  }

  /** Have a block made again that went wrong. */
  retry(idx) {
    this.#setTrouble(null);
    this.#setState(idx, { ...NOTHING_KNOWN, status: "queued" });
    this.#asking.retry(idx);
  }

  /** Forget a block's sound, because it is not where it should be, and ask anew. */
  refresh(idx) {
    this.#states.delete(idx);
    this.#tell("block", { idx, state: null });
    this.#resyncSoon();
  }

  /**
   * Tell the server where the person is, now or as soon as there is a connection.
   *
   * `playing`: whether this page plays, so that the person's others fall silent; `began`: it was
   * just asked to. A page that was away says so only after it has listened for a while: it may be
   * that another one was begun meanwhile, and that is the one that goes on.
   */
  savePosition(idx, ms, { playing, began = false } = {}) {
    if (began) this.#quietUntil = -Infinity;
    const isQuiet = playing && this.#clock.now() < this.#quietUntil;
    const message = savePosition(idx, ms, isQuiet ? undefined : playing);
    if (this.#connection.send(message)) {
      this.#unsavedPosition = null;
      return;
    }
    // Said before there ever was a connection it is still true.
    const isNew = this.#ownIds.size === 0 && playing;
    const claims = isNew && (began || this.#unsavedPosition?.playing);
    this.#unsavedPosition = savePosition(idx, ms, claims || undefined);
  }

  /** The page was brought back from the browser's history: nothing it heard before is sure. */
  comeBack() {
    this.#connection.restart();
  }

  #begin() {
    this.#pauseAll();
    if (this.#ownIds.size > 0) this.#quietUntil = this.#clock.now() + QUIET_AFTER_RETURN_MS;
    this.#comesBack = this.#ownIds.size > 0 && this.#unsavedPosition === null;
    this.#agreement.forget();
    this.#adoptNext = false;
    this.#sessionId = null;
    this.#seq = 0;
    if (this.#voice === null) {
      this.#expectAnswer();
      this.#asking.again();
    } else {
      this.#tellServerVoice();
    }
    if (this.#unsavedPosition !== null) this.#connection.send(this.#unsavedPosition);
    this.#unsavedPosition = null;
  }

  #pauseAll() {
    this.#timers.clearAll();
    this.#asking.stop();
  }

  #tellServerVoice() {
    if (!this.#connection.send(setVoice(this.#voice))) return;
    this.#agreement.asked(this.#voice);
    this.#expectAnswer();
    this.#asking.again(); // What was wanted before ended with the change.
  }

  #expectAnswer() {
    this.#timers.after("answer", ANSWER_WITHIN_MS, () => {
      this.#log("no answer", { voice: voiceName(this.#voice) });
      this.#connection.reconnect();
    });
  }

  /** The server tells each thing once after a `ready`: to be told again, ask for another. */
  #resync() {
    if (this.answered) this.#tellServerVoice();
  }

  #resyncSoon() {
    if (this.#timers.has("resync")) return;
    this.#timers.after("resync", RESYNC_AFTER_MS, () => this.#resync());
  }

  #receive(message) {
    if (!this.#isInOrder(message)) return;
    if (message.type === "ready") this.#onReady(message);
    else if (message.type === "status") this.#onStatus(message);
    else if (message.type === "error") this.#onError(message);
    else if (message.type === "position") this.#onPosition(message);
    else if (message.type === "progress") this.#onProgress(message);
  }

  #isInOrder(message) {
    if (this.#seq === 0 && message.type !== "ready") return this.#drop("no ready yet", message);
    if (message.seq <= this.#seq) return this.#drop("seen already", message);
    // Something was lost on the way: ask for all of it again.
    if (message.seq > this.#seq + 1) this.#resyncSoon();
    this.#seq = message.seq;
    return true;
  }

  #onReady(message) {
    const voice = voiceOf(message);
    if (message.document_id !== this.#documentId) return this.#drop("other document", message);
    if (message.protocol !== PROTOCOL_VERSION) return this.#refuseProtocol(message);
    this.#sessionId ??= message.session_id;
    if (message.session_id !== this.#sessionId) return this.#drop("other session", message);
    this.#ownIds.add(message.session_id);

    const isAwaited = !this.#agreement.reached;
    if (isAwaited && !this.#agreement.answered(voice)) {
      return this.#drop("not the answer", message);
    }
    const isAdopted = !isAwaited && (this.#adoptNext || this.#voice === null);
    if (!isAdopted && !sameVoice(voice, this.#voice)) {
      this.#resyncSoon();
      return this.#drop("other voice", message);
    }
    this.#timers.clear("answer");
    if (isAwaited || isAdopted) this.#states = new Map();
    if (isAdopted) this.#adopt(voice);
    const hasNews = this.#takeIn(message);
    if (this.#comesBack) this.#tell("back", placeOf(message.position));
    this.#comesBack = false;
    if (isAdopted || (hasNews && !isAwaited)) this.#asking.again();
  }

  /** Take the voice that the server holds, there being no other. */
  #adopt(voice) {
    const isNew = !sameVoice(voice, this.#voice);
    this.#adoptNext = false;
    this.#voice = voice;
    if (isNew) this.#tell("voice", { voice, by: "server" });
  }

  /** Take in what a `ready` says of the blocks; true when sound is there that was not known of. */
  #takeIn({ revision, block_count: blockCount, cached }) {
    let hasNews = false;
    const isRevised = revision !== this.#revision;
    const grew = blockCount > this.#blockCount;
    this.#revision = revision;
    this.#blockCount = blockCount;
    if (isRevised) {
      this.#states = new Map();
      this.want([]);
      this.#tell("revised", { revision, blockCount });
    }
    for (const [first, last] of cached) {
      for (let idx = first; idx <= last && idx < blockCount; idx++) {
        if (this.stateOf(idx)?.status === "cached") continue;
        this.#states.set(idx, CACHED_SOMEWHERE);
        hasNews = true;
      }
    }
    this.#tell("reset");
    this.#tell("ready", { blockCount, grew });
    return hasNews;
  }

  #onStatus(message) {
    const idx = message.block_idx;
    if (!this.answered) return this.#drop("before the answer", message);
    if (message.document_id !== this.#documentId) return this.#drop("other document", message);
    if (message.revision !== this.#revision) return this.#drop("other revision", message);
    if (!sameVoice(voiceOf(message), this.#voice)) return this.#drop("other voice", message);
    if (idx >= this.#blockCount) return this.#drop("no such block", message);
    if (isAbout(this.#trouble, idx)) this.#setTrouble(null);
    this.#setState(idx, {
      status: message.status,
      audioUrl: message.audio_url || null,
      marksUrl: message.marks_url || null,
      durationMs: message.duration_ms,
      bytes: message.bytes,
      error: message.error || "",
      retryable: message.retryable === true,
    });
    this.#asking.heard(idx);
  }

  #onError({ code, message, block_indices: blockIndices }) {
    this.#log("error", { code, message, blockIndices });
    if (code === "unknown_voice") this.#onUnknownVoice(blockIndices);
    else if (code === "bad_index") this.#asking.giveUp(blockIndices);
    else if (code === "rate_limited" || code === "unavailable") this.#leaveAlone();
    this.#setTrouble({ code, message, blockIndices });
  }

  /** The `ready` that follows has the voice that holds, unless another change is under way. */
  #onUnknownVoice(blockIndices) {
    // With blocks it was `synthesize` that went wrong, and no `set_voice` is answered by it.
    if (!this.#agreement.reached && blockIndices.length > 0) return;
    if (!this.#agreement.reached && !this.#agreement.refused()) return;
    this.#adoptNext = true;
    this.#expectAnswer();
  }

  #leaveAlone() {
    if (!this.#agreement.reached) this.#timers.clear("answer");
    this.#asking.leaveAlone(() => {
      if (this.#agreement.reached) this.#asking.again();
      else this.#tellServerVoice();
    });
  }

  #onPosition({ session_id: sessionId, device = "", playing = null, ...message }) {
    // What one said oneself before the connection was lost may come to one's next session.
    if (this.#ownIds.has(sessionId)) return;
    if (message.block_idx >= this.#blockCount) return;
    const isTab = message.same_browser === true;
    this.#tell("position", { ...placeOf(message), sessionId, device, isTab, playing });
  }

  #onProgress({ job, done, total, status, error }) {
    this.#tell("progress", { job, done, total, status, error });
  }

  #refuseProtocol(message) {
    this.#drop("other protocol", message);
    this.#connection.close();
    this.#setTrouble({ code: "outdated", message: "This page is out of date.", blockIndices: [] });
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

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const placeOf = (place) => ({ blockIdx: place?.block_idx ?? 0, offsetMs: place?.offset_ms ?? 0 });

const NOTHING_KNOWN = {
  status: null,
  audioUrl: null,
  marksUrl: null,
  durationMs: null,
  bytes: null,
  error: "",
  retryable: false,
};

/** All that a `ready` says of a cached block: the address comes when it is wanted. */
const CACHED_SOMEWHERE = Object.freeze({ ...NOTHING_KNOWN, status: "cached" });

/** Whether nothing more is to be heard of a block. */
const isSettled = (state) =>
  state?.status === "error" || (state?.status === "cached" && state.audioUrl !== null);

/** Whether news of this block shows that a trouble is over. */
const isAbout = (trouble, idx) =>
  trouble !== null && (trouble.blockIndices.length === 0 || trouble.blockIndices.includes(idx));
