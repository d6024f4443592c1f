/** A clock that moves when it is told to. */
export class StageClock {
  #now = 0;
  #next = 1;
  #timers = new Map();

  now = () => this.#now;

  setTimeout = (callback, ms) => {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + ms, callback });
    return id;
  };

  clearTimeout = (id) => {
    this.#timers.delete(id);
  };

  /** How many timers are set. */
  get pending() {
    return this.#timers.size;
  }

  /** Let `ms` go by, each timer in its turn and all promises that follow from it. */
  async tick(ms = 0) {
    const end = this.#now + ms;
    await settle();
    for (let due = this.#due(end); due !== null; due = this.#due(end)) {
      const [id, { at, callback }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      callback();
      await settle();
    }
    this.#now = end;
  }

  /** Let `ms` go by while the page is busy with something else: what is due is late. */
  hold(ms) {
    this.#now += ms;
  }

  #due(end) {
    let first = null;
    for (const entry of this.#timers) {
      if (entry[1].at <= end && (first === null || entry[1].at < first[1].at)) first = entry;
    }
    return first;
  }
}

/** Let every promise that can be settled be settled. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
