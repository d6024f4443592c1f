import { listen } from "../life.js";

/** Brings a block into view, wherever it is; `#block-N` says the same in an address. */
export class Address {
  #blocks;
  #follower;

  constructor({ blocks, follower }) {
    this.#blocks = blocks;
    this.#follower = follower;
    listen(globalThis, "hashchange", () => this.open());
  }

  goTo(idx) {
    const drawn = this.#blocks.draw(idx);
    const place = () => this.#blocks.element(idx)?.getBoundingClientRect() ?? null;
    this.#follower.visit(place, drawn);
    return drawn;
  }

  /** The block that the page's address names, or null. */
  get idx() {
    const [, idx] = location.hash.match(/^#block-(\d{1,9})$/) ?? [];
    return idx === undefined ? null : Number(idx);
  }

  /** Go where the page's address says; false if it names no block. */
  open() {
    if (this.idx !== null) this.goTo(this.idx);
    return this.idx !== null;
  }
}
