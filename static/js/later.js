const IDLE_WITHIN_MS = 1_500;

/**
 * The parts of a page that it can do without at first. They are loaded when the browser has nothing
 * else to do, or at the first press that is meant for one of them: that is done as soon as they are
 * there, so that none is lost. Of several presses meanwhile the last one counts.
 *
 * Events: failed, when one was pressed and they cannot be had.
 */
export class Later extends EventTarget {
  #load;
  #make;
  #selector;
  #loading = null;
  #parts = null;
  #due = null;

  /**
   * `load()` resolves with the module of which `make` makes the parts, once; `selector`: what of the
   * page belongs to them.
   */
  constructor({ load, make, selector, root = globalThis }) {
    super();
    this.#load = load;
    this.#make = make;
    this.#selector = selector;
    root.addEventListener("click", (event) => this.#onClick(event), { capture: true });
  }

  /** Resolve with the parts; rejects when they cannot be had now. */
  parts() {
    this.#loading ??= this.#load().then(
      (module) => (this.#parts = this.#make(module)),
      (error) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }

  /** Load them as soon as the page itself is there and at rest. */
  whenIdle() {
    const load = () => this.#try(); // What fails is told when one of them is asked for.
    const soon = () =>
      globalThis.requestIdleCallback
        ? requestIdleCallback(load, { timeout: IDLE_WITHIN_MS })
        : setTimeout(load, IDLE_WITHIN_MS / 5);
    if (document.readyState === "complete") soon();
    else addEventListener("load", soon, { once: true });
  }

  /** Do something with the parts: in this very task if they are there, else as soon as they are. */
  async use(act) {
    if (this.#parts !== null) {
      act(this.#parts);
      return;
    }
    this.#due = act;
    const isHere = await this.#try();
    const due = this.#due;
    this.#due = null;
    if (isHere) due?.(this.#parts);
    else this.dispatchEvent(new CustomEvent("failed"));
  }

  /** Whether they are there now. An error in them is an error of the page. */
  async #try() {
    try {
      await this.parts();
    } catch (error) {
      if (this.#loading !== null) throw error;
    }
    return this.#parts !== null;
  }

  #onClick(event) {
    if (this.#parts !== null) return;
    const pressed = event.target.closest?.(this.#selector) ?? null;
    if (pressed === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed.ariaBusy = "true";
    const again = new event.constructor(event.type, event);
    this.use(() => event.target.dispatchEvent(again)).finally(() => (pressed.ariaBusy = null));
  }
}
