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
    chapters.addEventListener("change", () => this.#keep());
  }

  async #keep() {
    this.#isDue = true;
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    while (this.#isDue) {
      this.#isDue = false;
      if (!(await this.#post())) this.#onTrouble();
    }
    this.#isKeeping = false;
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
