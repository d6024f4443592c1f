/**
 * How the import of the document stands, shown on the page, with what it finds out on the way.
 *
 * Events: change; language, when it turned out to be another one than the page was made with.
 */
export class ImportView extends EventTarget {
  #root;
  #reading;
  #blocks;
  #url;
  #reload;
  #unit;
  #status;
  #title = ""; // as it was told, maybe before there was a block

  /** `status`: importing, ready or failed; `url` is that of the blocks; `unit`: what is counted. */
  constructor({ root, blocks, url, status, unit, reload }) {
    super();
    this.#root = root;
    this.#reading = this.#find("reading");
    this.#blocks = blocks;
    this.#url = url;
    this.#status = status;
    this.#unit = unit;
    this.#reload = reload;
    blocks.addEventListener("drawn", ({ detail: { first } }) => {
      if (first === 0) this.#sayTitleOnce();
    });
  }

  get isRunning() {
    return this.#status === "importing";
  }

  /** Ask: it may have ended between the making of this page and the opening of its socket. */
  async look() {
    try {
      const url = `${this.#url}?from=${this.#blocks.size}`;
      const { headers } = await fetch(url, { method: "HEAD" });
      const told = (name) => decodeURIComponent(headers.get(`Document-${name}`) ?? "");
      this.#showTitle(told("Title"));
      this.#showLanguage(told("Language"));
      const status = headers.get("Document-Status");
      if (status === "ready") this.show({ status: "done", error: "" });
      else if (status === "failed") this.#reload();
    } catch {
      // The next `ready`, after the connection is there again, looks again.
    }
  }

  /**
   * Show what the socket says of its progress.
   *
   * @param {{status: string, error: string, done?: number, total?: number}} progress
   */
  show({ status, error, done, total }) {
    if (status === "running" && total > 0) {
      this.#find("import-parts").textContent = `${done} of ${total} ${this.#unit}`;
    }
    this.#status = { done: "ready", error: "failed" }[status] ?? "importing";
    this.#reading.dataset.status = this.#status;
    this.#find("importing").hidden = !this.isRunning;
    this.#find("prepare").hidden = this.#status !== "ready";
    this.#find("import-failed").hidden = this.#status !== "failed";
    this.#find("import-error").textContent = error;
    this.dispatchEvent(new CustomEvent("change"));
  }

  #showTitle(title) {
    if (title === "") return;
    this.#find("title").textContent = title;
    this.#title = title;
    this.#sayTitleOnce();
  }

  /** A document that begins with its title does not say it twice. */
  #sayTitleOnce() {
    if (this.#title === "") return;
    const isSaid = this.#blocks.kind(0) === "heading" && this.#blocks.text(0) === this.#title;
    this.#reading.classList.toggle("reading--titled", isSaid);
  }

  #showLanguage(language) {
    const { dataset } = this.#reading;
    if (language === "" || dataset.language === language) return;
    dataset.language = language;
    this.dispatchEvent(new CustomEvent("language"));
  }

  #find(id) {
    return this.#root.querySelector(`#${id}`);
  }
}
