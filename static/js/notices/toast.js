const SHOWN_MS = 6_000;

/** One line that tells what was done, for a few seconds, perhaps with a way to undo it. */
export class Toast {
  #root;
  #words;
  #undo;
  #timer = null;
  #run = null;

  constructor(root) {
    this.#root = root;
    this.#words = root.querySelector("[role=status]");
    this.#undo = root.querySelector("button");
    this.#undo.addEventListener("click", () => {
      const run = this.#run;
      this.#hide();
      run?.();
    });
  }

  show(text, { undo = null } = {}) {
    this.#words.textContent = text;
    this.#run = undo;
    this.#undo.hidden = undo === null;
    this.#root.dataset.shown = "";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hide(), SHOWN_MS);
  }

  #hide() {
    this.#words.textContent = "";
    this.#undo.hidden = true;
    delete this.#root.dataset.shown;
  }
}
