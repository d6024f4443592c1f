const KEPT_AFTER_MS = 600;

/** Keeps what the person chooses on the page, a moment after the last change. */
export class Preferences {
  #url;
  #token;
  #document;
  #unsaved = {};
  #timer = null;

  /** `document`: the id of the one for which voice and speed are kept. */
  constructor({ url, token, document }) {
    this.#url = url;
    this.#document = document;
    this.#token = token;
    addEventListener("pagehide", () => this.#save());
  }

  keep(values) {
    Object.assign(this.#unsaved, values);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), KEPT_AFTER_MS);
  }

  async #save() {
    clearTimeout(this.#timer);
    const values = this.#unsaved;
    this.#unsaved = {};
    if (Object.keys(values).length === 0) return;
    try {
      await fetch(this.#url, {
        method: "POST",
        headers: { "X-CSRFToken": this.#token },
        body: new URLSearchParams({ ...values, document: this.#document }),
        keepalive: true,
      });
    } catch {
      // No connection: what was chosen holds on this page, and the next choice is kept with it.
      this.#unsaved = { ...values, ...this.#unsaved };
    }
  }
}
