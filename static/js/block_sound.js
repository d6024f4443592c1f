import { Timers } from "./clock.js";

const SOUND_PAUSES_MS = [500, 1_000, 2_000, 4_000, 4_000];
const MARKS_PAUSES_MS = [1_000];

/**
 * The sound of one block in one voice, fetched and decoded ahead of its time.
 *
 * It ends with `dispose()`, however far it has come: a handle that arrives later is disposed of at
 * once. Who listens asks first whether it is still theirs. Events: loaded, marks, failed, ended.
 */
export class BlockSound extends EventTarget {
  idx;
  handle = null;
  marks = null;
  error = null;
  /** Whether it was told to play from where the person is. */
  started = false;
  #loadMarks;
  #marksUrl = null;
  #timers;
  #life = new AbortController();

  constructor({ idx, audioUrl, sounds, loadMarks, clock }) {
    super();
    this.idx = idx;
    this.#loadMarks = loadMarks;
    this.#timers = new Timers(clock);
    this.#loadSound(() => sounds.load(audioUrl, { signal: this.#life.signal }));
  }

  /** Whether marks are known to exist and have not come yet. */
  get awaitsMarks() {
    return this.#marksUrl !== null && this.marks === null;
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

  dispose() {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    this.#timers.clearAll();
    this.handle?.dispose();
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
    this.handle = handle;
    handle.addEventListener("ended", () => this.#tell("ended"));
    handle.addEventListener("error", () => this.#fail(new Error("The sound broke off.")));
    this.#tell("loaded");
  }

  /** Try again after each pause, unless the server says that it will not do. */
  async #persist(name, pauses, load) {
    for (const pause of pauses) {
      try {
        return await load();
      } catch (error) {
        if (this.#life.signal.aborted || isFinal(error)) throw error;
      }
      await new Promise((resolve) => this.#timers.after(name, pause, resolve));
    }
    return load();
  }

  #fail(error) {
    this.error = error;
    this.#tell("failed");
  }

  #tell(type) {
    this.dispatchEvent(new CustomEvent(type));
  }
}

/** Whether a fetch failed in a way that trying again will not mend. */
export const isFinal = (error) => error.status >= 400 && error.status < 500;
