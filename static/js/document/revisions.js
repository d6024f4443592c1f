import { shownToSpoken, spokenToShown } from "./marks.js";

/**
 * Follows the document when something else is spoken of its blocks than before: what they show is the
 * same. What is heard goes on; only if the block at the cursor is another, its sentence starts again.
 *
 * Event: renewed {revision}.
 */
export class Revisions extends EventTarget {
  #session;
  #blocks;
  #playlist;
  #player;
  #reload;
  #revision;
  #others = new Set();
  #renewing = Promise.resolve();

  /** `reload()`: begin anew, where that is not so. */
  constructor({ session, blocks, playlist, player, reload }) {
    super();
    this.#reload = reload;
    this.#session = session;
    this.#blocks = blocks;
    this.#playlist = playlist;
    this.#player = player;
    this.#revision = session.revision;
    // One after the other: the answer for an earlier one may be the later to come.
    const follow = () => (this.#renewing = this.#renewing.finally(() => this.#renew()));
    session.addEventListener("revised", follow);
  }

  /** The revision that the page shows. */
  get revision() {
    return this.#revision;
  }

  /** Take a block for another at the next revision, though its text may be as long as before. */
  expect(idx) {
    this.#others.add(idx);
  }

  async #renew() {
    const { revision, blockCount } = this.#session;
    if (revision === this.#revision) return;
    const { idx } = this.#player;
    const before = idx === null ? [] : this.#blocks.spans(idx);
    const found = blockCount < this.#blocks.size ? null : await this.#blocks.renew();
    if (found === null) {
      this.#reload();
      return;
    }
    const changed = new Set([...found, ...this.#others]);
    this.#others.clear();
    this.#revision = revision;
    // Of a word that is said otherwise now, the place is known by what is shown.
    const placeOf = (offset) => {
      const shown = spokenToShown(before, offset, offset + 1)?.[0] ?? 0;
      return shownToSpoken(this.#blocks.spans(idx), shown);
    };
    this.#player.forget(changed, idx === this.#player.idx ? placeOf : () => 0);
    this.#playlist.renew(this.#blocks.entries());
    this.dispatchEvent(new CustomEvent("renewed", { detail: { revision } }));
  }
}
