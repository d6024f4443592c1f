import { Timers, systemClock } from "../clock.js";
import { sameVoice, voiceName, voiceOf } from "../voices/voice.js";
import { Agreement } from "./agreement.js";
import { Asking } from "./asking.js";
import { BlockStates } from "./block_states.js";
import { Positions } from "./positions.js";
import { PROTOCOL_VERSION, setVoice } from "./protocol.js";

const ANSWER_WITHIN_MS = 8_000;
const RESYNC_AFTER_MS = 500;

/**
 * What one open page knows: the voice the person chose last, and each block's sound in that voice.
 *
 * A message is believed only if it came in order, is about this document as it is now, is in the
 * voice chosen last, and came after the server had carried out the last change of voice. All else
 * is dropped, counted and logged.
 *
 * Events: voice, reset, block, ready, revised, progress, trouble, dropped; position and back, see
 * Positions.
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
  #positions;
  #agreement = new Agreement();
  #adoptNext = false;
  #sessionId = null;
  #seq = 0;
  #states = new BlockStates();
  #trouble = null;
  #dropped = 0;

  /**
   * @param {{connection: any, documentId: string, revision: number, blockCount: number,
   *   voice?: any, clock?: any, random?: () => number,
   *   log?: (words: string, about?: any) => void}} parts
   */
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
    const send = (message) => connection.send(message);
    this.#asking = new Asking({
      send,
      isSettled: (idx) => this.#states.isSettled(idx),
      mayAsk: () => this.answered,
      askAfresh: () => this.#resync(),
      clock,
      random,
    });
    this.#positions = new Positions({ send, clock });
    for (const type of ["position", "back"]) {
      this.#positions.addEventListener(type, ({ detail }) => this.#tell(type, detail));
    }
    connection.addEventListener("open", () => this.#begin());
    connection.addEventListener("close", () => this.#pauseAll());
    connection.addEventListener("message", (event) => this.#receive(event.detail.message));
  }

  /** What all of this comes by: whether it is lost, and when it is back. */
  get connection() {
    return this.#connection;
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
    return this.#states.of(idx);
  }

  states() {
    return this.#states.entries();
  }

  /** Listen in this voice from now on. Whoever plays must have fallen silent before. */
  setVoice(voice) {
    if (sameVoice(voice, this.#voice)) return;
    this.#voice = voice;
    this.#adoptNext = false;
    this.#states = new BlockStates();
    this.#asking.stop();
    this.#asking.forgetRetried();
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
    this.#states.queue(idx);
    this.#tellState(idx);
    this.#asking.retry(idx);
  }

  /** Forget a block's sound, because it is not where it should be, and ask anew. */
  refresh(idx) {
    this.#states.forget(idx);
    this.#tellState(idx);
    this.#resyncSoon();
  }

  /** Tell the server where the person is: see Positions. */
  savePosition(idx, ms, about) {
    this.#positions.save(idx, ms, about);
  }

  /** The page was brought back from the browser's history: nothing it heard before is sure. */
  comeBack() {
    this.#connection.restart();
  }

  #begin() {
    this.#pauseAll();
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
    this.#positions.connect();
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
    this.#positions.own(message.session_id);

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
    if (isAwaited || isAdopted) this.#states = new BlockStates();
    if (isAdopted) this.#adopt(voice);
    const hasNews = this.#takeIn(message);
    this.#positions.hear(message.position);
    if (isAdopted || (hasNews && !isAwaited)) this.#asking.again();
  }

  /** Take the voice that the server holds, there being no other. */
  #adopt(voice) {
    const isNew = !sameVoice(voice, this.#voice);
    this.#adoptNext = false;
    this.#voice = voice;
    if (!isNew) return;
    this.#asking.forgetRetried();
    this.#tell("voice", { voice, by: "server" });
  }

  /** Take in what a `ready` says of the blocks; true when sound is there that was not known of. */
  #takeIn({ revision, block_count: blockCount, cached }) {
    const isRevised = revision !== this.#revision;
    const grew = blockCount > this.#blockCount;
    this.#revision = revision;
    this.#blockCount = blockCount;
    if (isRevised) {
      this.#states = new BlockStates();
      this.want([]);
      this.#tell("revised", { revision, blockCount });
    }
    const hasNews = this.#states.takeCached(cached, blockCount);
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
    this.#states.take(message);
    this.#tellState(idx);
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

  #onPosition(message) {
    if (message.block_idx < this.#blockCount) this.#positions.receive(message);
  }

  #onProgress({ job, done, total, status, error }) {
    this.#tell("progress", { job, done, total, status, error });
  }

  #refuseProtocol(message) {
    this.#drop("other protocol", message);
    this.#connection.close();
    this.#setTrouble({ code: "outdated", message: "This page is out of date.", blockIndices: [] });
  }

  #tellState(idx) {
    this.#tell("block", { idx, state: this.stateOf(idx) });
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

/** Whether news of this block shows that a trouble is over. */
const isAbout = (trouble, idx) =>
  trouble !== null && (trouble.blockIndices.length === 0 || trouble.blockIndices.includes(idx));
