import { minutes } from "../panel/outline_lines.js";

/** Shows in the text which chapters are skipped, with a way to read them. */
export class FoldedText {
  #blocks;
  #chapters;
  #ready;
  #player;
  #shown = []; // [[first, last], …] as painted
  #lines = new Map(); // first block -> the line at its heading

  constructor({ blocks, chapters, ready, player }) {
    this.#blocks = blocks;
    this.#chapters = chapters;
    this.#ready = ready;
    this.#player = player;
    chapters.addEventListener("change", () => this.#change());
    player.addEventListener("speed", () => this.#tellAll());
    blocks.addEventListener("drawn", ({ detail: { first, last } }) => this.#paint(first, last));
    this.#change();
  }

  /** Blocks were added to the page. */
  update() {
    this.#change();
  }

  #change() {
    const { skipped } = this.#chapters;
    for (const line of this.#lines.values()) line.remove();
    this.#lines.clear();
    for (const range of this.#shown) this.#dim(range, false);
    this.#shown = skipped;
    this.#paint(0, Infinity);
  }

  #paint(from, to) {
    for (const [first, last] of this.#shown) {
      if (last < from || first > to) continue;
      this.#dim([Math.max(first, from), Math.min(last, to)], true);
      if (from <= first && first <= to) this.#addLine(first, last);
    }
  }

  #dim([first, last], isFolded) {
    for (let idx = first; idx <= last && idx < this.#blocks.size; idx++) {
      this.#blocks.element(idx)?.classList.toggle("block--folded", isFolded);
    }
  }

  #addLine(first, last) {
    const element = this.#blocks.element(first);
    if (element === null) return;
    this.#lines.get(first)?.remove();
    const line = document.createElement("p");
    const words = document.createElement("span");
    const button = document.createElement("button");
    Object.assign(line, { className: "folded", lang: "en", dir: "ltr" });
    Object.assign(button, { className: "button folded__read", type: "button" });
    button.textContent = "Read it";
    line.append(words, button);
    // A press on the block would play it, and so unfold it as well.
    line.addEventListener("click", (event) => event.stopPropagation());
    button.addEventListener("click", () => this.#chapters.fold(first, false));
    element.append(line);
    this.#lines.set(first, line);
    this.#tell(line, first, last);
  }

  #tellAll() {
    for (const [first, last] of this.#shown) {
      const line = this.#lines.get(first);
      if (line !== undefined) this.#tell(line, first, last);
    }
  }

  #tell(line, first, last) {
    const ms = this.#ready.between(first, last) / this.#player.speed;
    line.firstElementChild.textContent = `Skipped: ${minutes(ms)}.`;
  }
}
