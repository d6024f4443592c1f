/**
 * Loudspeakers of the tests: they know what sounds now and count what was made and disposed of.
 * A URL is a sound of `durationMs(url)`; with `trouble(url)` its loading can be made to fail.
 */
export class StageSounds {
  handles = [];
  loads = [];
  loadMs = 20;
  refusesPlay = false;
  /** Whether a sound begins only when play() is granted, and then even if it was paused since. */
  grantsLate = false;
  /** Whether a sound is handed over although its loading was aborted. */
  ignoresAbort = false;
  trouble = () => null;
  durationMs = () => 3_000;
  silence = () => [0, 0];
  /** Whether sounds can be played while they are made. */
  canStream = false;
  lives = [];
  /** Called with a handle whenever it begins to sound or falls silent. */
  heard = () => {};
  #clock;

  constructor(clock) {
    this.#clock = clock;
  }

  /** The handles that can be heard now. */
  get sounding() {
    return this.handles.filter((handle) => handle.isSounding);
  }

  get undisposed() {
    return this.handles.filter((handle) => handle.disposals === 0);
  }

  stream() {
    const live = new StageLive(this.#clock, this);
    this.lives.push(live);
    this.handles.push(live);
    return live;
  }

  load(url, { signal }) {
    this.loads.push(url);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        if (!this.ignoresAbort) reject(new DOMException("", "AbortError"));
      });
      this.#clock.setTimeout(() => {
        const trouble = this.trouble(url);
        if (signal.aborted && !this.ignoresAbort) return;
        if (trouble !== null) {
          reject(trouble);
        } else {
          const handle = new StageSound(url, this.durationMs(url), this.#clock, this);
          handle.silence = this.silence(url);
          this.handles.push(handle);
          resolve(handle);
        }
      }, this.loadMs);
    });
  }
}

export class StageSound extends EventTarget {
  isSounding = false;
  disposals = 0;
  silence = [0, 0];
  rate = 1;
  volume = 1;
  #clock;
  #stage;
  #from = 0;
  #since = 0;
  #timer = null;

  constructor(url, durationMs, clock, stage) {
    super();
    this.url = url;
    this.durationMs = durationMs;
    this.#clock = clock;
    this.#stage = stage;
  }

  get positionMs() {
    const heard = this.isSounding ? (this.#clock.now() - this.#since) * this.rate : 0;
    return Math.min(this.#from + heard, this.durationMs);
  }

  async play() {
    if (this.#stage.grantsLate) await null;
    if (this.disposals > 0) throw new DOMException("disposed", "InvalidStateError");
    if (this.#stage.refusesPlay) throw new DOMException("no gesture", "NotAllowedError");
    if (this.isSounding) return;
    this.isSounding = true;
    this.#run();
    this.#stage.heard(this);
  }

  pause() {
    if (!this.isSounding) return;
    this.#from = this.positionMs;
    this.isSounding = false;
    this.#clock.clearTimeout(this.#timer);
    this.#stage.heard(this);
  }

  seek(ms) {
    this.#from = ms;
    if (this.isSounding) this.#run();
  }

  break() {
    this.pause();
    this.dispatchEvent(new Event("error"));
  }

  dispose() {
    this.pause();
    this.disposals += 1;
  }

  #run() {
    this.#since = this.#clock.now();
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(
      () => {
        this.pause();
        this.dispatchEvent(new Event("ended"));
      },
      (this.durationMs - this.#from) / this.rate,
    );
  }
}

/** A sound that is made while it plays: told by the test when it can start and what becomes of it. */
class StageLive extends StageSound {
  isStalled = false;
  reads = [];
  wholes = [];
  hurries = 0;

  constructor(clock, stage) {
    super("live", Infinity, clock, stage);
  }

  read(url) {
    if (this.reads.at(-1) !== url) this.reads.push(url);
  }

  complete(url, bytes) {
    this.wholes.push([url, bytes]);
  }

  hurry() {
    this.hurries += 1;
  }

  stop() {
    this.isStopped = true;
  }

  becomeReady() {
    this.dispatchEvent(new Event("ready"));
  }

  stall(isStalled) {
    this.isStalled = isStalled;
    this.dispatchEvent(new Event(isStalled ? "stalled" : "resumed"));
  }

  end() {
    this.pause();
    this.dispatchEvent(new Event("ended"));
  }
}
