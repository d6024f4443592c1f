import { listen } from "./life.js";

const AT_MOST_EVERY_MS = 600;
const ANSWER_WITHIN_MS = 10_000;

/**
 * Saves what the person chooses on the page: at once, and what is chosen right after it together,
 * one request after the other. What could not be saved is when there is a connection again.
 */
export class Saver {
  #url;
  #token;
  #about;
  #onTrouble;
  #chosen = {};
  #unsaved = new Set(); // names
  #isSaving = false;
  #isDue = false; // as soon as there is an answer
  #timer = null;

  /** `about`: further fields of each request. */
  constructor({ url, token, about = {}, onTrouble = () => {} }) {
    this.#url = url;
    this.#token = token;
    this.#about = about;
    this.#onTrouble = onTrouble;
    listen(globalThis, "pagehide", () => this.#save({ isLeaving: true }), { away: true });
  }

  save(values) {
    Object.assign(this.#chosen, values);
    for (const name of Object.keys(values)) this.#unsaved.add(name);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#save();
    }, AT_MOST_EVERY_MS);
    this.#save();
  }

  /** There is a connection again. */
  again() {
    this.#save();
  }

  async #save({ isLeaving = false } = {}) {
    if (this.#unsaved.size === 0) return;
    if (this.#isSaving && !isLeaving) {
      this.#isDue = true;
      return;
    }
    this.#isDue = false;
    const names = [...this.#unsaved];
    this.#unsaved.clear();
    this.#isSaving = true;
    const status = await this.#post(names);
    this.#isSaving = false;
    // What is refused would be so again.
    if (status >= 500) for (const name of names) this.#unsaved.add(name);
    if (status >= 400) this.#onTrouble();
    if (this.#isDue) this.#save();
  }

  /** Return the status of the answer; Infinity if there is none. */
  async #post(names) {
    const values = Object.fromEntries(names.map((name) => [name, this.#chosen[name]]));
    try {
      const { status } = await fetch(this.#url, {
        method: "POST",
        headers: { "X-CSRFToken": this.#token },
        body: new URLSearchParams({ ...values, ...this.#about }),
        keepalive: true,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      return status;
    } catch {
      return Infinity;
    }
  }
}
