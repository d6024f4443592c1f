const LOOK_AGAIN_MS = 2_000;
const NAMES = {
  unknown: "Play from here",
  waiting: "Waiting for its sound. Play from here",
  making: "Its sound is being made. Play from here",
  ready: "Sound ready. Play from here",
  failed: "Its sound failed. Try again",
};
const LOOKS = { queued: "waiting", processing: "making", cached: "ready", error: "failed" };

/** The blocks on the page: what each one says, how its sound stands, and those that come later. */
export class Blocks {
  #root;
  #url;
  #elements = new Map();
  #spans = new Map();
  #current = null;
  #fetching = null;

  constructor({ root, url }) {
    this.#root = root;
    this.#url = url;
    this.#takeIn(root.children);
  }

  get size() {
    return this.#elements.size;
  }

  get root() {
    return this.#root;
  }

  element(idx) {
    return this.#elements.get(idx) ?? null;
  }

  body(idx) {
    return this.element(idx)?.querySelector(".block__body") ?? null;
  }

  text(idx) {
    return this.body(idx)?.textContent ?? "";
  }

  language(idx) {
    return this.element(idx)?.lang || document.documentElement.lang;
  }

  /** The map from what is spoken to what is shown: [start spoken, start shown, length], … */
  spans(idx) {
    if (!this.#spans.has(idx)) {
      this.#spans.set(idx, JSON.parse(this.element(idx)?.dataset.spans ?? "[]"));
    }
    return this.#spans.get(idx);
  }

  /** What a playlist needs to know of all blocks that are here. */
  entries() {
    return Array.from(this.#elements.values(), entry);
  }

  /** Bring in the blocks that are missing up to this count; returns the new ones' entries. */
  async fetchUpTo(count, onBlocks) {
    if (this.#fetching !== null) await this.#fetching;
    this.#fetching = this.#fetchMissing(count, onBlocks);
    try {
      await this.#fetching;
    } finally {
      this.#fetching = null;
    }
  }

  async #fetchMissing(count, onBlocks) {
    while (this.size < count) {
      const elements = await this.#fetchFrom(this.size);
      if (elements.length > 0) {
        this.#root.append(...elements);
        this.#takeIn(elements);
        onBlocks(elements.map(entry));
      } else {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
  }

  async #fetchFrom(idx) {
    try {
      const response = await fetch(`${this.#url}?from=${idx}`);
      if (!response.ok) return [];
      const template = document.createElement("template");
      template.innerHTML = await response.text();
      return [...template.content.children];
    } catch {
      return [];
    }
  }

  #takeIn(elements) {
    for (const element of elements) this.#elements.set(Number(element.dataset.idx), element);
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
    button.tabIndex = look === "failed" || element === this.#current ? 0 : -1;
  }

  /** Show all of them anew. */
  paintAll(states) {
    const known = new Map(states);
    for (const idx of this.#elements.keys()) this.paint(idx, known.get(idx) ?? null);
  }

  /** Show which block is being read. */
  markCurrent(idx) {
    this.#setCurrent(false);
    this.#current = idx === null ? null : this.element(idx);
    this.#setCurrent(true);
  }

  #setCurrent(isCurrent) {
    const element = this.#current;
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
      // After a press with the pointer, the space bar is the player's again.
      if (event.detail > 0) button?.blur();
      if (button !== null && element.dataset.state === "failed") retry(idx);
      else play(idx, button === null ? event : null);
    });
  }
}

/** A press on a link, or one that ends a selection, is not meant for the block. */
function isBusyOtherwise(event) {
  return event.target.closest("a[href]") !== null || getSelection()?.isCollapsed === false;
}

function entry({ dataset }) {
  return { idx: Number(dataset.idx), chars: Number(dataset.chars), skipped: "skipped" in dataset };
}
