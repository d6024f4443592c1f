import { Timers } from "../clock.js";
import { isFinal } from "../sound/fetch_sound.js";

const SOUND_PAUSES_MS = [500, 1_000, 2_000, 4_000, 4_000];
const MARKS_PAUSES_MS = [1_000, 6_000];
// While the server is out of reach; sooner, if it is known to be back.
const LOST_PAUSE_MS = 4_000;
const BROKE_OFF = "The sound broke off.";

/**
 * The sound of one block in one voice, fetched ahead of its time: stored, or while it is made.
 *
 * It ends with `dispose()`, however far it has come: a handle that arrives later is disposed of at
 * once. Who listens asks first whether it is still theirs. While the server is out of reach nothing
 * is given up: it is fetched as soon as it can be.
 * Events: loaded, marks, failed, ended, and of one that is being made stalled and resumed.
 */
export class BlockSound extends EventTarget {
  idx;
  /** The address that it was opened at. */
  url;
  handle = null;
  marks = null;
  /** While it is being made: the marks of the words that were spoken so far, or null. */
  marksSoFar = null;
  error = null;
  /** Whether it was told to play from where the person is. */
  started = false;
  /** When it came to its end, on the clock of the page; null before. */
  endedAt = null;
  /** Whether it began to be fetched before it was whole. */
  isLive;
  #live = null;
  #attemptUrl = null;
  #isWhole = false;
  #loadMarks;
  #marksUrl = null;
  #connection;
  #timers;
  #wake = new Map(); // what waits, by name
  #life = new AbortController();

  /** `state`: what is known of the block, with an address of its sound. */
  constructor({ idx, state, sounds, connection, loadMarks, clock }) {
    super();
    this.idx = idx;
    this.url = state.audioUrl;
    this.#loadMarks = loadMarks;
    this.#connection = connection;
    this.#timers = new Timers(clock);
    connection.addEventListener("back", () => this.#hurry(), { signal: this.#life.signal });
    this.isLive = state.status !== "cached";
    if (this.isLive) this.#listen(sounds.stream());
    else {
      const { bytes } = state;
      this.#loadSound(() => sounds.load(state.audioUrl, { signal: this.#life.signal, bytes }));
    }
    this.follow(state);
  }

  /** Whether marks are known to exist, or may yet be made, and have not come. */
  get awaitsMarks() {
    const mayCome = this.isLive && !this.#isWhole;
    return (mayCome || this.#marksUrl !== null) && this.marks === null;
  }

  /** Take in what is known of the block by now. */
  follow(state) {
    this.expectMarks(state?.marksUrl);
    if (!this.isLive || !state) return;
    if (state.status === "processing" && state.audioUrl) this.#attempt(state.audioUrl);
    this.#light(state.marksSoFar ?? null);
    if (state.status === "error") this.#fail(new Error(state.error));
    else if (state.status === "cached") this.#complete(state);
    else if (state.audioUrl) this.#live.read(state.audioUrl);
  }

  /** Fetch the marks, once; playing goes on without them if they cannot be had. */
  async expectMarks(url) {
    if (this.#marksUrl !== null || !url) return;
    this.#marksUrl = url;
    try {
      const load = () => this.#loadMarks(url, { signal: this.#life.signal });
      this.marks = await this.#persist("marks", MARKS_PAUSES_MS, load);
    } catch {
      this.#marksUrl = null;
    }
    this.#tell("marks");
  }

  /** A new attempt begins at its beginning: what was told of the one before is not of its sound. */
  #attempt(url) {
    if (this.#attemptUrl !== null && url !== this.#attemptUrl) this.marksSoFar = null;
    this.#attemptUrl = url;
  }

  #light(marks) {
    if (marks === null || marks.length <= (this.marksSoFar?.length ?? 0)) return;
    this.marksSoFar = marks;
    this.#tell("marks");
  }

  dispose() {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    this.#timers.clearAll();
    this.handle?.dispose();
    this.#live?.dispose();
  }

  #listen(live) {
    this.#live = live;
    live.addEventListener("ready", () => this.#take(live));
    live.addEventListener("stalled", () => this.#tell("stalled"));
    live.addEventListener("resumed", () => this.#tell("resumed"));
    live.addEventListener("whole", () => this.#tell("resumed"));
    live.addEventListener("error", () => this.#fail(live.cause ?? new Error(BROKE_OFF)));
  }

  #complete({ audioUrl, bytes }) {
    if (audioUrl === null) return; // Its address comes when it is wanted.
    this.#isWhole = true;
    this.#live.complete(audioUrl, bytes);
  }

  async #loadSound(load) {
    let handle;
    try {
      handle = await this.#persist("sound", SOUND_PAUSES_MS, load);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#life.signal.aborted) {
      handle.dispose();
      return;
    }
    handle.addEventListener("error", () => this.#fail(new Error(BROKE_OFF)));
    this.#take(handle);
  }

  #take(handle) {
    this.handle = handle;
    handle.addEventListener("ended", () => this.#tell("ended"));
    this.#tell("loaded");
  }

  /**
   * Try again after each pause, unless the server says that it will not do. What failed while the
   * server was out of reach, even if something else answered in its place, does not count.
   */
  async #persist(name, pauses, load) {
    for (let tries = 0; ; ) {
      const { losses } = this.#connection;
      try {
        return await load();
      } catch (error) {
        if (this.#life.signal.aborted) throw error;
        if (this.#connection.isLost || this.#connection.losses > losses) tries = 0;
        else if (isFinal(error) || tries === pauses.length) throw error;
      }
      this.#connection.doubt(); // The answer is there before the tries are used up.
      await this.#pause(name, this.#connection.isLost ? LOST_PAUSE_MS : pauses[tries++]);
    }
  }

  #pause(name, ms) {
    return new Promise((resolve) => {
      this.#wake.set(name, resolve);
      this.#timers.after(name, ms, resolve);
    });
  }

  /** The server is back. */
  #hurry() {
    this.#timers.clearAll();
    for (const wake of this.#wake.values()) wake();
    this.#live?.hurry();
  }

  #fail(error) {
    this.error = error;
    this.#live?.stop();
    this.#tell("failed");
  }

  #tell(type) {
    this.dispatchEvent(new CustomEvent(type));
  }
}
