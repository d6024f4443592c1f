import { atEnd, whenShown } from "../life.js";
import { inPlace } from "./in_place.js";
import { roomOf } from "./room.js";

// The server draws a page by the same measure.
const CHUNK = 50;
const NEAR = "150% 0px";
const KEPT_CHUNKS = 24;
const AGAIN_MS = 2_000;
// What was asked for stays drawn for so long, for whoever asked to come there.
const HELD_MS = 3_000;
const BETWEEN = "\n\n";
// So many blocks before and after one may be in view with it.
const BESIDE = 12;

/**
 * The window of a document that is drawn: chunks of blocks near the view and where it reads.
 *
 * All the rest is there as plain text, one node for each chunk, so that a book of 12,000 blocks is
 * as light as a letter, and the browser's own search finds all of it.
 *
 * Event: drawn {first, last}.
 */
export class Drawing extends EventTarget {
  #root;
  #url;
  #textOf;
  #lengthOf;
  #chunks = [];
  #elements = new Map();
  #kept = new Map();
  #count = 0;
  #pinned = null;
  #room = null;
  #watch = new IntersectionObserver((entries) => this.#look(entries), { rootMargin: NEAR });

  /**
   * `textOf(idx)`: what a block shows, as plain text; "" while it is not known. `lengthOf(idx)`:
   * how long it is, about.
   */
  constructor({ root, url, textOf, lengthOf }) {
    super();
    this.#lengthOf = lengthOf;
    this.#root = root;
    this.#url = url;
    this.#textOf = textOf;
    for (const element of [...root.children]) {
      const chunk = this.#chunk(element, Number(element.dataset.first));
      chunk.drawn = element.children.length;
      this.#takeIn(element.children);
    }
    atEnd(() => this.#watch.disconnect());
    // What is not shown takes up no room that could be measured. Of a page that begins in the middle
    // the chunks before that are not there yet: they are passed over.
    whenShown(() => {
      this.#chunks.forEach((chunk) => chunk.drawn === 0 && this.#estimate(chunk));
    });
  }

  /** The element of a block, or null when it is not drawn. */
  element(idx) {
    return this.#elements.get(idx) ?? null;
  }

  get drawn() {
    return this.#elements.entries();
  }

  /** There are so many blocks by now. */
  grow(count) {
    this.#count = count;
    for (let first = 0; first < count; first += CHUNK) {
      if (this.#chunkOf(first) !== undefined) continue;
      const element = document.createElement("div");
      element.className = "chunk chunk--plain";
      this.#estimate(this.#chunk(element, first));
    }
    // In one go, and what was drawn already does not move in the document.
    const isIn = ({ element }) => element.parentNode !== null;
    const before = this.#chunks.findIndex(isIn);
    const lacking = this.#chunks.filter((chunk) => !isIn(chunk));
    const early = lacking.filter(({ first }) => first < before * CHUNK);
    this.#root.prepend(...early.map(({ element }) => element));
    this.#root.append(...lacking.slice(early.length).map(({ element }) => element));
    for (const chunk of lacking) this.#watch.observe(chunk.element);
    for (const chunk of this.#chunks) if (this.#isPartial(chunk)) this.#draw(chunk);
  }

  /** The texts of these blocks have come. */
  fill(first, last) {
    for (let at = first - (first % CHUNK); at <= last; at += CHUNK) {
      const chunk = this.#chunkOf(at);
      if (chunk.drawn === 0) this.#showText(chunk);
    }
  }

  /**
   * Have a block drawn, and first what may be in view with it, so that nothing moves when one comes
   * there. Resolves with its element, with null if it cannot be had now.
   */
  async draw(idx) {
    const chunk = this.#chunkOf(idx);
    if (chunk === undefined) return null;
    const beside = [idx - BESIDE, idx + BESIDE].map((at) => this.#chunkOf(at));
    await Promise.all(beside.filter((other) => other && other !== chunk).map(this.#hold));
    await this.#hold(chunk);
    return this.element(idx);
  }

  /** Draw these blocks anew, as far as they are drawn. */
  async renew(indices) {
    const chunks = new Map();
    for (const idx of indices) {
      const chunk = this.#chunkOf(idx);
      chunks.set(chunk, [...(chunks.get(chunk) ?? []), idx]);
      this.#kept.delete(chunk.first);
    }
    await Promise.all([...chunks].map(([chunk, own]) => this.#redraw(chunk, own)));
  }

  async #redraw(chunk, indices) {
    await chunk.drawing;
    if (chunk.drawn === 0) return;
    const html = await this.#fetch(chunk.first, chunk.drawn);
    if (html === null) {
      setTimeout(() => this.#redraw(chunk, indices), AGAIN_MS);
      return;
    }
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const idx of indices) {
      const element = template.content.querySelector(`#block-${idx}`);
      if (element === null || !this.#elements.has(idx)) continue;
      this.#elements.get(idx).replaceWith(element);
      this.#elements.set(idx, element);
      this.#tell(idx, idx);
    }
  }

  /** Keep the chunk of this block drawn wherever the view is. */
  pin(idx) {
    const was = this.#pinned;
    this.#pinned = idx === null ? null : (this.#chunkOf(idx) ?? null);
    if (this.#pinned?.drawn === 0) this.draw(idx);
    else if (this.#pinned !== null) this.#draw(this.#pinned);
    if (was !== null) this.#undraw(was);
  }

  #hold = (chunk) => {
    chunk.holds += 1;
    setTimeout(() => {
      chunk.holds -= 1;
      this.#undraw(chunk);
    }, HELD_MS);
    return this.#draw(chunk);
  };

  #chunkOf(idx) {
    return this.#chunks[Math.floor(idx / CHUNK)];
  }

  #chunk(element, first) {
    const chunk = { element, first, drawn: 0, drawing: null, isNear: true, holds: 0, hasFailed: false };
    element.dataset.first = first;
    this.#chunks[first / CHUNK] = chunk;
    if (element.parentNode !== null) this.#watch.observe(element);
    return chunk;
  }

  #look(entries) {
    if (!this.#root.isConnected) return; // It is put aside as it is.
    for (const { target, isIntersecting } of entries) {
      const chunk = this.#chunkOf(Number(target.dataset.first));
      chunk.isNear = isIntersecting;
      if (isIntersecting) this.#draw(chunk);
      else this.#undraw(chunk);
    }
  }

  #draw(chunk) {
    chunk.drawing ??= this.#complete(chunk).finally(() => {
      chunk.drawing = null;
      if (this.#isNeeded(chunk) && this.#isPartial(chunk) && !chunk.hasFailed) this.#draw(chunk);
      else this.#undraw(chunk);
    });
    return chunk.drawing;
  }

  async #complete(chunk) {
    const lacking = Math.min(CHUNK, this.#count - chunk.first) - chunk.drawn;
    if (lacking <= 0) return;
    const first = chunk.first + chunk.drawn;
    const html = this.#kept.get(first) ?? (await this.#fetch(first, lacking));
    chunk.hasFailed = html === null;
    if (html === null) {
      setTimeout(() => this.#isNeeded(chunk) && this.#draw(chunk), AGAIN_MS);
      return;
    }
    const template = document.createElement("template");
    template.innerHTML = html;
    const elements = [...template.content.children];
    if (elements.length === CHUNK) this.#keep(first, html);
    if (chunk.drawn > 0) chunk.element.append(...elements);
    else if (elements.length > 0) {
      this.#replace(chunk, elements);
    }
    chunk.drawn += elements.length;
    this.#takeIn(elements);
    this.#tell(first, first + elements.length - 1);
  }

  #replace({ element, first }, elements) {
    const change = () => {
      element.replaceChildren(...elements);
      element.classList.remove("chunk--plain");
      return elements.map((block) => block.querySelector(".block__body"));
    };
    const text = element.firstChild;
    if (!text?.length) {
      change();
      return;
    }
    let at = 0;
    const starts = elements.map((_, n) => {
      const start = at;
      at += this.#textOf(first + n).length + BETWEEN.length;
      return start;
    });
    inPlace(text, starts, change);
  }

  async #fetch(first, count) {
    try {
      const response = await fetch(`${this.#url}?from=${first}&count=${count}`);
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  /** Markup that was fetched once, the latest of it. */
  #keep(first, html) {
    this.#kept.delete(first);
    this.#kept.set(first, html);
    if (this.#kept.size > KEPT_CHUNKS) this.#kept.delete(this.#kept.keys().next().value);
  }

  /** Whether it was drawn before all of its blocks were there. */
  #isPartial({ first, drawn }) {
    return drawn > 0 && drawn < Math.min(CHUNK, this.#count - first);
  }

  #isNeeded(chunk) {
    return chunk.isNear || chunk.holds > 0 || chunk === this.#pinned;
  }

  #undraw(chunk) {
    if (chunk.drawn === 0 || chunk.drawing !== null || this.#isNeeded(chunk)) return;
    if (isInUse(chunk.element)) return;
    const { height } = chunk.element.getBoundingClientRect();
    for (let n = 0; n < chunk.drawn; n += 1) this.#elements.delete(chunk.first + n);
    chunk.drawn = 0;
    chunk.element.classList.add("chunk--plain");
    this.#showText(chunk, height);
  }

  #showText(chunk, height = null) {
    const texts = [];
    const end = Math.min(chunk.first + CHUNK, this.#count);
    for (let idx = chunk.first; idx < end; idx += 1) texts.push(this.#textOf(idx));
    chunk.element.replaceChildren(texts.join(BETWEEN));
    this.#estimate(chunk, height);
  }

  /** What it takes up until it is rendered; from then on the browser remembers. */
  #estimate(chunk, height = null) {
    const px = height ?? this.#guessedHeight(chunk);
    chunk.element.style.containIntrinsicBlockSize = `auto ${Math.ceil(px)}px`;
  }

  #guessedHeight({ first }) {
    if (this.#root.isConnected) {
      this.#room ??= roomOf(
        [...this.#elements].map(([idx, { offsetHeight }]) => [this.#lengthOf(idx), offsetHeight]),
      );
    }
    const { perBlock, perCharacter } = this.#room ?? roomOf([]);
    const end = Math.min(first + CHUNK, this.#count);
    let px = (end - first) * perBlock;
    for (let idx = first; idx < end; idx += 1) px += (this.#lengthOf(idx) ?? 0) * perCharacter;
    return px;
  }

  #takeIn(elements) {
    for (const element of elements) this.#elements.set(Number(element.dataset.idx), element);
  }

  #tell(first, last) {
    if (first <= last) this.dispatchEvent(new CustomEvent("drawn", { detail: { first, last } }));
  }
}

/** Whether the person is at something in it. */
function isInUse(element) {
  const { anchorNode, focusNode, isCollapsed } = getSelection() ?? {};
  const isSelected = !isCollapsed && [anchorNode, focusNode].some((node) => element.contains(node));
  return isSelected || element.contains(document.activeElement);
}
