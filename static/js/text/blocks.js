import { sentencesSpoken } from "../document/marks.js";
import { Drawing } from "./drawing.js";

const LOOK_AGAIN_MS = 2_000;
const NAMES = {
  unknown: "Play from here",
  waiting: "Waiting for its sound. Play from here",
  making: "Its sound is being made. Play from here",
  ready: "Sound ready. Play from here",
  failed: "Its sound failed. Try again",
};
const LOOKS = { queued: "waiting", processing: "making", cached: "ready", error: "failed" };

/**
 * The blocks of the document: what each one says, how its sound stands, and those that come later.
 *
 * Only some of them are drawn: `element` and `body` of the others are null.
 * Event: drawn {first, last}.
 */
export class Blocks extends EventTarget {
  #root;
  #url;
  #lengths;
  #facts = [];
  #drawing;
  #current = null;
  #bringing = null;

  /** `lengths`: of what is spoken of each block known by now; 0: nothing of it is. */
  constructor({ root, url, indexUrl, lengths }) {
    super();
    this.#root = root;
    this.#url = indexUrl;
    this.#lengths = lengths;
    this.#drawing = new Drawing({
      root,
      url,
      textOf: (idx) => this.#facts[idx]?.text ?? "",
      lengthOf: (idx) => this.#lengths[idx],
    });
    this.#drawing.grow(lengths.length);
    this.#drawing.addEventListener("drawn", ({ detail }) => {
      if (this.#current !== null) this.#setCurrent(true);
      this.dispatchEvent(new CustomEvent("drawn", { detail }));
    });
  }

  get size() {
    return this.#lengths.length;
  }

  get root() {
    return this.#root;
  }

  element(idx) {
    return this.#drawing.element(idx);
  }

  body(idx) {
    return this.element(idx)?.querySelector(".block__body") ?? null;
  }

  /** What is shown of a block, "" while it is not known. */
  text(idx) {
    return this.#facts[idx]?.text ?? this.body(idx)?.textContent ?? "";
  }

  kind(idx) {
    return this.#facts[idx]?.kind ?? this.element(idx)?.dataset.kind ?? "";
  }

  language(idx) {
    return this.#facts[idx]?.language || this.element(idx)?.lang || document.documentElement.lang;
  }

  /** The map from what is spoken to what is shown: [start spoken, start shown, length], … */
  spans(idx) {
    const known = this.#facts[idx]?.spans;
    return known ?? JSON.parse(this.element(idx)?.dataset.spans ?? "[]");
  }

  /** The ranges of its sentences in what is spoken. */
  sentences(idx) {
    return sentencesSpoken(this.spans(idx), this.text(idx), this.language(idx), this.#lengths[idx]);
  }

  /** Have a block drawn; resolves with its element, with null if it cannot be had now. */
  draw(idx) {
    return this.#drawing.draw(idx);
  }

  /** What a playlist needs to know of all blocks that are known. */
  entries(from = 0) {
    return this.#lengths
      .slice(from)
      .map((chars, n) => ({ idx: from + n, chars, skipped: chars === 0 }));
  }

  /** Bring in the texts, and the blocks that are missing, up to this count. */
  async bringIn(count, onBlocks) {
    while (this.#bringing !== null) await this.#bringing;
    this.#bringing = this.#bringRest(count, onBlocks);
    try {
      await this.#bringing;
    } finally {
      this.#bringing = null;
    }
  }

  async #bringRest(count, onBlocks) {
    while (this.#facts.length < count) {
      const first = this.#facts.length;
      const facts = await this.#fetchFacts(first);
      if (facts.length > 0) this.#takeIn(facts, onBlocks);
      else await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  /**
   * Have anew what is spoken of the blocks; resolves with those of which it is another, with null if
   * they show something else as well.
   */
  async renew() {
    const rows = [];
    while (rows.length < this.size) {
      const facts = await this.#fetchFacts(rows.length);
      if (facts.length > 0) rows.push(...facts);
      else await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    if (this.#facts.some(({ text }, idx) => text !== rows[idx][3])) return null;
    const changed = [];
    for (const [idx, [chars, kind, language, text, spans]] of rows.slice(0, this.size).entries()) {
      const isSame = chars === this.#lengths[idx] && `${spans}` === `${this.spans(idx)}`;
      if (!isSame) changed.push(idx);
      this.#lengths[idx] = chars;
      if (idx < this.#facts.length) this.#facts[idx] = { kind, language, text, spans };
    }
    await this.#drawing.renew(changed);
    return changed;
  }

  #takeIn(rows, onBlocks) {
    const [first, known] = [this.#facts.length, this.size];
    for (const [chars, kind, language, text, spans] of rows) {
      if (this.#facts.length >= known) this.#lengths.push(chars);
      this.#facts.push({ kind, language, text, spans });
    }
    if (this.size > known) this.#drawing.grow(this.size);
    this.#drawing.fill(first, this.#facts.length - 1);
    if (this.size > known) onBlocks(this.entries(known));
  }

  async #fetchFacts(idx) {
    try {
      const response = await fetch(`${this.#url}?from=${idx}`);
      return response.ok ? (await response.json()).blocks : [];
    } catch {
      return [];
    }
  }

  /** Show how a block's sound stands. */
  paint(idx, state) {
    const element = this.element(idx);
    if (element === null || "skipped" in element.dataset) return;
    const look = LOOKS[state?.status] ?? "unknown";
    if ((element.dataset.state ?? "unknown") === look) return;
    element.dataset.state = look;
    const button = element.querySelector(".block__state");
    button.firstElementChild.textContent = NAMES[look];
    const why = state?.error || "Its sound failed.";
    button.title = look === "failed" ? `${why} Press to try again.` : "";
    // Failed blocks and the one at the cursor can be reached by Tab; the rest would be too many.
    button.tabIndex = look === "failed" || idx === this.#current ? 0 : -1;
  }

  /** Show all of them anew. */
  paintAll(states) {
    const known = new Map(states);
    for (const [idx] of this.#drawing.drawn) this.paint(idx, known.get(idx) ?? null);
  }

  /** Show which block is being read. */
  markCurrent(idx) {
    this.#setCurrent(false);
    this.#current = idx;
    this.#drawing.pin(idx);
    this.#setCurrent(true);
  }

  #setCurrent(isCurrent) {
    const element = this.#current === null ? null : this.element(this.#current);
    if (element === null) return;
    element.classList.toggle("block--current", isCurrent);
    const button = element.querySelector("button.block__state");
    if (isCurrent) {
      element.setAttribute("aria-current", "true");
      button.tabIndex = 0;
    } else {
      element.removeAttribute("aria-current");
      button.tabIndex = element.dataset.state === "failed" ? 0 : -1;
    }
  }

  /** Call back when a person presses a block (with the event), or its mark in the gutter. */
  onPress({ play, retry }) {
    this.#root.addEventListener("click", (event) => {
      const element = event.target.closest(".block:not([data-skipped])");
      if (element === null || isBusyOtherwise(event)) return;
      const idx = Number(element.dataset.idx);
      const button = event.target.closest(".block__state");
      if (button !== null && element.dataset.state === "failed") retry(idx);
      else play(idx, button === null ? event : null);
    });
  }
}

/** A press on a link, or one that ends a selection, is not meant for the block. */
function isBusyOtherwise(event) {
  return event.target.closest("a[href]") !== null || getSelection()?.isCollapsed === false;
}
