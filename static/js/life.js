let current = null;

/**
 * What a page has to do with the window and the document around it, and for how long.
 *
 * Pages come and go in one window. One that is not shown rests: it hears nothing of the keys and the
 * scrolling there, but what it listens to `away`. At its end nothing of it is left behind.
 */
export class Life {
  #listeners = [];
  #wakings = [];
  #ends = [];
  #present = null;
  #all = new AbortController();

  /** Aborts at its end. */
  get signal() {
    return this.#all.signal;
  }

  get isAwake() {
    return this.#present !== null;
  }

  /** Make something of the page; what it listens to meanwhile is the page's. Returns what is made. */
  make(something) {
    const outer = current;
    current = this;
    try {
      return something();
    } finally {
      current = outer;
    }
  }

  listen(target, type, act, { away = false, ...options } = {}) {
    if (away) {
      target.addEventListener(type, act, { ...options, signal: this.signal });
      return;
    }
    /** @type {[EventTarget, string, any, object]} */
    const listener = [target, type, act, options];
    this.#listeners.push(listener);
    if (this.isAwake) this.#attach(listener);
  }

  onWaking(act) {
    this.#wakings.push(act);
    if (this.isAwake) act();
  }

  onEnd(act) {
    this.#ends.push(act);
  }

  /** The page is shown. */
  wake() {
    if (this.isAwake || this.signal.aborted) return;
    this.#present = new AbortController();
    for (const listener of this.#listeners) this.#attach(listener);
    for (const act of this.#wakings) act();
  }

  /** Another page is shown. */
  rest() {
    this.#present?.abort();
    this.#present = null;
  }

  end() {
    this.rest();
    this.#all.abort();
    for (const act of this.#ends.splice(0)) act();
    this.#listeners = [];
    this.#wakings = [];
  }

  #attach([target, type, act, options]) {
    target.addEventListener(type, act, { ...options, signal: this.#present.signal });
  }
}

/** Listen to the window or the document for the page that is being made; `away`: while it rests too. */
export function listen(target, type, act, options) {
  if (current === null) target.addEventListener(type, act, options);
  else current.listen(target, type, act, options);
}

/** Do something whenever the page that is being made is shown. */
export function whenShown(act) {
  if (current === null) act();
  else current.onWaking(act);
}

/** Do something when the page that is being made is no more. */
export function atEnd(act) {
  current?.onEnd(act);
}
