import { listen } from "../life.js";
import { passageSelected } from "./places.js";

const AT_REST_MS = 150;
const GAP = 8;

/**
 * What can be done with the text that is selected, beside it.
 *
 * Tab leads into it from the text. Event: act {name, passage}.
 */
export class SelectionBar extends EventTarget {
  #bar;
  #blocks;
  #passage = null;
  #timer = null;
  #isPressing = false;
  #dismisses = false;

  constructor({ bar, blocks }) {
    super();
    this.#bar = bar;
    this.#blocks = blocks;
    listen(document, "selectionchange", () => this.#lookSoon());
    listen(globalThis, "pointerdown", (event) => this.#onDown(event), { capture: true });
    for (const type of ["pointerup", "pointercancel"]) {
      listen(globalThis, type, () => this.#onUp(), { capture: true });
    }
    blocks.root.addEventListener("click", (event) => this.#onClick(event), { capture: true });
    listen(globalThis, "keydown", (event) => this.#onKey(event));
    // A press on a button must not end the selection that it is about.
    bar.addEventListener("pointerdown", (event) => event.preventDefault());
    bar.addEventListener("mousedown", (event) => event.preventDefault());
    bar.addEventListener("click", ({ target }) => {
      const name = target.closest("[data-act]")?.dataset.act;
      if (name) this.act(name);
    });
    this.#lookSoon(); // Something may be selected already.
  }

  /** What is selected, or null. */
  get passage() {
    return passageSelected(getSelection(), this.#blocks) ?? this.#passage;
  }

  /** Do it with what is selected; false when nothing is. */
  act(name) {
    const { passage } = this;
    if (passage === null) return false;
    getSelection()?.removeAllRanges();
    this.#show(null);
    this.dispatchEvent(new CustomEvent("act", { detail: { name, passage } }));
    return true;
  }

  #lookSoon() {
    clearTimeout(this.#timer);
    if (!this.#isPressing) this.#timer = setTimeout(() => this.#look(), AT_REST_MS);
  }

  #look() {
    // Some browsers let go of the selection when a button gets the focus.
    if (this.#bar.contains(document.activeElement)) return;
    this.#show(passageSelected(getSelection(), this.#blocks));
  }

  #onDown({ target }) {
    if (this.#bar.contains(target)) return;
    this.#isPressing = true;
    this.#dismisses = this.#passage !== null;
  }

  #onUp() {
    this.#isPressing = false;
    this.#lookSoon();
  }

  /** The press that lets go of a selection does nothing else. */
  #onClick(event) {
    if (this.#dismisses && event.detail > 0) event.stopPropagation();
    this.#dismisses = false;
  }

  #onKey(event) {
    if (this.#passage === null) return;
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    const isInside = this.#bar.contains(focused);
    if (event.key === "Escape") {
      getSelection()?.removeAllRanges();
      if (isInside) focused.blur();
      this.#show(null);
    } else if (event.key === "Tab" && !event.shiftKey && !isInside) {
      event.preventDefault();
      this.#bar.querySelector("button").focus();
    }
  }

  #show(passage) {
    this.#passage = passage;
    this.#bar.hidden = passage === null;
    if (passage === null) return;
    const rects = getSelection().getRangeAt(0).getClientRects();
    if (rects.length > 0) this.#place(rects[0], rects[rects.length - 1]);
  }

  /** Above the first line; below the last one where fingers and their menus are above it. */
  #place(first, last) {
    const { offsetWidth: width, offsetHeight: height } = this.#bar;
    const isBelow = matchMedia("(pointer: coarse)").matches || first.top < height + 2 * GAP;
    const line = isBelow ? last : first;
    const wanted = isBelow ? last.bottom + GAP : first.top - height - GAP;
    const dock = document.querySelector(".dock")?.getBoundingClientRect().top ?? innerHeight;
    const top = Math.max(GAP, Math.min(wanted, dock - height - GAP));
    const centre = line.left + line.width / 2 - width / 2;
    const left = Math.max(GAP, Math.min(centre, document.body.clientWidth - width - GAP));
    this.#bar.style.translate = `${left + scrollX}px ${top + scrollY}px`;
  }
}
