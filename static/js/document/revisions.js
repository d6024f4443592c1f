import { shownToSpoken, spokenToShown } from "./marks.js";

/**
 * Follows the document when something else is spoken of its blocks than before: what they show is the
 * same. What is heard goes on; only if the block at the cursor is another, its sentence starts again.
 *
 * Events: found {revision, changed}, to which more blocks may be added; renewed {revision}.
 */
export class Revisions extends EventTarget {
  #session;
  #blocks;
  #playlist;
  #player;
  #reload;
  #revision;
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
    session.addEventListener("revised", () => this.#follow());
  }

  /** The revision that the page shows. */
  get revision() {
    return this.#revision;
  }

  #follow() {
    // One after the other: the answer for an earlier one may be the later to come.
    if (this.#session.blockCount < this.#blocks.size) this.#reload();
    else this.#renewing = this.#renewing.finally(() => this.#renew());
  }

  async #renew() {
    const { revision } = this.#session;
    if (revision === this.#revision) return;
    const { idx } = this.#player;
    const before = this.#blocks.spans(idx);
    const found = await this.#blocks.renew();
    if (found === null) {
      this.#reload();
      return;
    }
    const changed = new Set(found);
    this.#tell("found", { revision, changed });
    this.#revision = revision;
    // Of a word that is said otherwise now, the place is known by what is shown.
    const placeOf = (offset) => {
      const shown = spokenToShown(before, offset, offset + 1, this.#blocks.text(idx).length)?.[0];
      return shownToSpoken(this.#blocks.spans(idx), shown ?? 0);
    };
    this.#player.forget(changed, idx === this.#player.idx ? placeOf : () => 0);
    this.#playlist.renew(this.#blocks.entries());
    this.#tell("renewed", { revision });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
