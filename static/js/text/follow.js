// This long after the last scroll of the person's, the person has come to rest.
const QUIET_MS = 1_200;
// A scroll of ours begins within this time, and is over when no event comes for that long.
const OURS_BEGINS_MS = 1_200;
const OURS_GOES_ON_MS = 250;
const COMFORTABLE_TOP = 0.12;
const REST_AT = 0.3;

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

  constructor({ player, blocks, highlighter, dock, button }) {
    this.#player = player;
    this.#blocks = blocks;
    this.#dock = dock;
    this.#button = button;
    player.addEventListener("block", () => {
      this.#word = null;
      this.#follow();
    });
    player.addEventListener("state", () => this.#showButton());
    highlighter.addEventListener("word", (event) => {
      this.#word = event.detail.range;
      this.#follow();
    });
    for (const type of ["wheel", "touchmove"]) {
      addEventListener(type, () => this.#personScrolls(), { passive: true });
    }
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    blocks.addEventListener("drawn", ({ detail: { first, last } }) => {
      if (first <= player.idx && player.idx <= last) this.#follow();
    });
    button.addEventListener("click", () => this.goBack());
  }

  /** Scroll to what is being read, and follow it again. */
  async goBack({ behavior } = {}) {
    this.#yields = false;
    clearTimeout(this.#quiet);
    if (this.#player.idx !== null) await this.#blocks.draw(this.#player.idx);
    this.#scrollTo(this.#target(), behavior);
    this.#showButton();
  }

  /** The person goes elsewhere, by a search or a link: what is read is not scrolled to. */
  yield() {
    this.#personScrolls();
  }

  #follow() {
    const target = this.#target();
    if (!this.#yields && target !== null && !this.#isInView(target)) this.#scrollTo(target);
    this.#showButton();
  }

  #scrolled() {
    const now = performance.now();
    if (now > this.#oursUntil) this.#personScrolls();
    else this.#oursUntil = Math.max(this.#oursUntil, now + OURS_GOES_ON_MS);
  }

  #personScrolls() {
    this.#oursUntil = 0;
    this.#yields = true;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      // At rest where it reads: go on following. Elsewhere: the button leads back.
      const target = this.#target();
      this.#yields = target !== null && !this.#isInView(target);
      this.#showButton();
    }, QUIET_MS);
  }

  #showButton() {
    const target = this.#target();
    this.#button.hidden = !this.#yields || target === null || this.#isInView(target);
  }

  /** The block being read, or the word when the block is taller than the view. */
  #target() {
    const element = this.#player.idx === null ? null : this.#blocks.element(this.#player.idx);
    const block = element?.getBoundingClientRect() ?? null;
    if (block === null || block.height <= this.#bottom() - this.#top()) return block;
    return this.#word?.getBoundingClientRect() ?? new DOMRect(block.x, block.y, block.width, 1);
  }

  #isInView(target) {
    return target.top >= this.#top() && target.bottom <= this.#bottom();
  }

  #scrollTo(target, behavior = isMotionUnwanted() ? "instant" : "smooth") {
    if (target === null) return;
    this.#oursUntil = performance.now() + OURS_BEGINS_MS;
    const fits = this.#bottom() - target.height;
    const place = Math.max(this.#top(), Math.min(innerHeight * REST_AT, fits));
    scrollTo({ top: scrollY + target.top - place, behavior });
  }

  #top() {
    return innerHeight * COMFORTABLE_TOP;
  }

  #bottom() {
    return this.#dock.getBoundingClientRect().top;
  }
}

const isMotionUnwanted = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
