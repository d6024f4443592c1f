import { whenShown } from "../life.js";
import { rangesOf } from "./places.js";
import { holds } from "./word_at.js";

const POINTED_MS = 2_500;
const LAYERS = { marked: -2, noted: -1, pointed: 1 }; // The spoken word is 0.

/**
 * Paints what is marked, with the browser's own highlights: nothing in the text changes.
 *
 * Event: press {id}, when a person presses a highlight.
 */
export class Marker extends EventTarget {
  #annotations;
  #blocks;
  #painted = [];
  #signs = [];
  #frame = null;
  #timer = null;

  constructor({ annotations, blocks }) {
    super();
    this.#annotations = annotations;
    this.#blocks = blocks;
    const paint = () => this.#paintSoon();
    whenShown(paint);
    annotations.addEventListener("change", paint);
    blocks.addEventListener("drawn", paint);
    blocks.root.addEventListener("click", (event) => this.#onClick(event), { capture: true });
  }

  /** Light a passage for a moment, so that the eye finds it. */
  point(passage) {
    light("pointed", rangesOf(passage, this.#blocks));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => light("pointed", []), POINTED_MS);
  }

  #paintSoon() {
    if (this.#frame !== null) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      if (this.#blocks.root.isConnected) this.#paint();
    });
  }

  #paint() {
    for (const element of this.#signs) {
      element.classList.remove("block--bookmarked", "block--noted");
    }
    this.#signs = [];
    this.#painted = this.#annotations.all
      .filter(({ kind }) => kind === "highlight")
      .flatMap((one) => rangesOf(one, this.#blocks).map((part) => ({ ...part, one })));
    light("marked", this.#painted);
    light("noted", this.#painted.filter(({ one }) => one.note !== ""));
    for (const { kind, block_idx, note } of this.#annotations.all) {
      const element = this.#blocks.element(block_idx);
      if (element === null || (kind !== "bookmark" && note === "")) continue;
      element.classList.add(kind === "bookmark" ? "block--bookmarked" : "block--noted");
      this.#signs.push(element);
    }
  }

  /** A press on a highlight opens it, and does not play from there. */
  #onClick(event) {
    const { target, clientX, clientY } = event;
    if (target.closest("a[href], button") || getSelection()?.isCollapsed === false) return;
    const idx = Number(target.closest(".block")?.dataset.idx);
    const hit = this.#painted.findLast(
      (part) => part.idx === idx && holds(part.range, clientX, clientY),
    );
    if (hit === undefined) return;
    event.stopPropagation();
    this.dispatchEvent(new CustomEvent("press", { detail: { id: hit.one.id } }));
  }
}

function light(name, parts) {
  if (!("highlights" in CSS)) return;
  const highlight = new Highlight(...parts.map(({ range }) => range));
  highlight.priority = LAYERS[name];
  CSS.highlights.set(name, highlight);
}
