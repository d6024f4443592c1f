const AT_MOST_EVERY_MS = 600;

/** Keeps what the person chooses on the page: at once, and what is chosen right after it together. */
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

  async #save() {
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
      // No connection: what was chosen holds on this page.
      this.#unsaved = { ...values, ...this.#unsaved };
    }
  }
}
