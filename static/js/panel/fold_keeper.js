/** Keeps which chapters are skipped, one change after the other. */
export class FoldKeeper {
  #chapters;
  #url;
  #token;
  #onTrouble;
  #isKeeping = false;
  #isDue = false;

  constructor({ chapters, url, token, onTrouble }) {
    this.#chapters = chapters;
    this.#url = url;
    this.#token = token;
    this.#onTrouble = onTrouble;
    chapters.addEventListener("change", () => {
      this.#isDue = true;
      this.again();
    });
  }

  /** Keep what could not be kept before, as when there is a connection again. */
  async again() {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    let isKept = true;
    while (this.#isDue && isKept) {
      this.#isDue = false;
      isKept = await this.#post();
    }
    this.#isKeeping = false;
    if (isKept) return;
    this.#isDue = true;
    this.#onTrouble();
  }

  async #post() {
    try {
      const { ok } = await fetch(this.#url, {
        method: "POST",
        headers: { "X-CSRFToken": this.#token },
        body: new URLSearchParams({ folded: this.#chapters.folded.join(",") }),
        keepalive: true,
      });
      return ok;
    } catch {
      return false;
    }
  }
}
