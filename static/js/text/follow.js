import { listen } from "../life.js";

// This long after the last scroll of the person's, the person has come to rest.
const QUIET_MS = 1_200;
// A scroll of ours begins within this time, and is over when no event comes for that long.
const OURS_BEGINS_MS = 1_200;
const OURS_GOES_ON_MS = 250;
// What is not drawn until then is not waited for.
const VISIT_MS = 10_000;
const SCROLLING = new Set(["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"]);
const COMFORTABLE_TOP = 0.12;
const REST_AT = 0.3;
// Farther than so many views nobody sees what goes by, and most of it is not drawn yet.
const FAR = 2;

/** Keeps in view what is being read, and yields as soon as the person scrolls. */
export class Follower {
  #player;
  #blocks;
  #dock; // what lies over the foot of the page: the notices, or the player
  #button;
  #oursUntil = 0;
  #yields = false;
  #quiet = null;
  #word = null;
  #place = nowhere; // the one gone to last, if the person did not scroll away from it

  constructor({ player, blocks, highlighter, dock, button }) {
    this.#player = player;
    this.#blocks = blocks;
    this.#dock = dock;
    this.#button = button;
    player.addEventListener("block", ({ detail }) => {
      this.#word = null;
      if (!detail.readsOn && this.#isSeen()) this.#yields = false; // It goes where they look.
      this.#follow();
    });
    player.addEventListener("state", () => this.#showButton());
    highlighter.addEventListener("word", (event) => {
      this.#word = event.detail.range;
      this.#follow();
    });
    for (const type of ["wheel", "touchmove"]) {
      listen(globalThis, type, () => this.#personScrolls(), { passive: true });
    }
    listen(globalThis, "keydown", ({ key, target, defaultPrevented }) => {
      const isOnText = target.contains(blocks.root) || blocks.root.contains(target);
      if (SCROLLING.has(key) && isOnText && !defaultPrevented) this.#personScrolls();
    });
    listen(globalThis, "pointerdown", ({ clientX }) => {
      if (clientX >= document.documentElement.clientWidth) this.#personScrolls(); // on its bar
    });
    listen(globalThis, "scroll", () => this.#scrolled(), { passive: true });
    // What is drawn is not as high as it was thought to be, and moves what is below it.
    blocks.addEventListener("drawn", () => {
      if (this.#yields) this.#bring(this.#place());
      this.#follow();
    });
    button.addEventListener("click", () => this.goBack());
  }

  /**
   * Scroll to what is being read, and follow it again.
   *
   * @param {{behavior?: ScrollBehavior}} [how]
   */
  async goBack({ behavior } = {}) {
    const { idx } = this.#player;
    this.#yields = false;
    clearTimeout(this.#quiet);
    this.#showButton();
    if (idx !== null) await this.#come(() => this.#target(), this.#blocks.draw(idx), behavior);
  }

  /**
   * The person goes elsewhere, by a search or a link: that is brought into view, and not what is
   * read. `find` returns where it is in the view, or null while it is not drawn; `drawn` is a
   * promise that it is, or cannot be.
   */
  async visit(find, drawn) {
    this.#personScrolls();
    this.#rest(VISIT_MS); // The person is on the way, however long that takes.
    if (await this.#come(() => this.#part(find()), drawn)) this.#rest();
  }

  /** Scroll to a place, and once more when it is drawn; false if that was in vain. */
  async #come(place, drawn, behavior) {
    this.#place = place;
    this.#scrollTo(place(), behavior);
    this.#oursUntil = performance.now() + VISIT_MS;
    await drawn;
    if (this.#place !== place || place() === null) return false;
    this.#bring(place(), behavior);
    this.#oursUntil = performance.now() + OURS_BEGINS_MS;
    return true;
  }

  #follow() {
    if (!this.#yields) this.#bring(this.#target());
    this.#showButton();
  }

  #bring(target, behavior) {
    if (target !== null && !this.#isInView(target)) this.#scrollTo(target, behavior);
  }

  #scrolled() {
    const now = performance.now();
    if (now > this.#oursUntil) this.#personScrolls();
    else this.#oursUntil = Math.max(this.#oursUntil, now + OURS_GOES_ON_MS);
  }

  #personScrolls() {
    this.#oursUntil = 0;
    this.#place = nowhere;
    this.#yields = true;
    this.#rest();
  }

  /** Before long the person is at rest: if that is where it reads, go on following. */
  #rest(ms = QUIET_MS) {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      // Elsewhere the button leads back.
      const target = this.#target();
      if (target === null || this.#isInView(target)) this.#yields = false;
      this.#showButton();
    }, ms);
  }

  /** Whether anything of the block being read is in the view. */
  #isSeen() {
    const box = this.#blocks.element(this.#player.idx)?.getBoundingClientRect();
    return box !== undefined && box.top < this.#bottom() && box.bottom > this.#top();
  }

  #showButton() {
    const target = this.#target();
    this.#button.hidden = !this.#yields || target === null || this.#isInView(target);
  }

  /** The block being read, or the word when the block is taller than the view. */
  #target() {
    const element = this.#player.idx === null ? null : this.#blocks.element(this.#player.idx);
    return this.#part(element?.getBoundingClientRect() ?? null, this.#word);
  }

  /** All of a box, or if it is higher than the view the word in it, or its beginning. */
  #part(box, word = null) {
    if (box === null || box.height <= this.#bottom() - this.#top()) return box;
    return word?.getBoundingClientRect() ?? new DOMRect(box.x, box.y, box.width, 1);
  }

  #isInView(target) {
    return target.top >= this.#top() && target.bottom <= this.#bottom();
  }

  #scrollTo(target, behavior) {
    if (target === null || !this.#blocks.root.isConnected) return;
    this.#oursUntil = Math.max(this.#oursUntil, performance.now() + OURS_BEGINS_MS);
    const fits = this.#bottom() - target.height;
    const place = Math.max(this.#top(), Math.min(innerHeight * REST_AT, fits));
    const distance = target.top - place;
    const isAtOnce = Math.abs(distance) > FAR * innerHeight || isMotionUnwanted();
    scrollBy({ top: distance, behavior: behavior ?? (isAtOnce ? "instant" : "smooth") });
  }

  #top() {
    return innerHeight * COMFORTABLE_TOP;
  }

  #bottom() {
    return this.#dock.getBoundingClientRect().top;
  }
}

const nowhere = () => null;
const isMotionUnwanted = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
