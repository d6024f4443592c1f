import { END_MARGIN_MS } from "./begin_at.js";
import { nextSentence, previousSentence } from "./sentence_moves.js";

/** Steps through what is read that are smaller than blocks: by seconds, by sentences. */
export class Steps {
  #player;
  #session;
  #playlist;
  #sentences;

  /** `sentences(idx)`: the ranges of a block's sentences in what is spoken. */
  constructor({ player, session, playlist, sentences }) {
    this.#player = player;
    this.#session = session;
    this.#playlist = playlist;
    this.#sentences = sentences;
  }

  /** Go on so many ms later in the sound, or earlier, in the next block or the one before. */
  skip(ms) {
    const { idx, positionMs, durationMs } = this.#player;
    if (idx === null) return;
    const target = positionMs + ms;
    if (target < 0) this.#skipBack(target);
    else if (target < (durationMs ?? Infinity)) this.#player.seek(target);
    else this.#player.next();
  }

  nextSentence() {
    this.#goToSentence(nextSentence, () => this.#player.next());
  }

  /** Go to the beginning of this sentence or of the one before. */
  previousSentence() {
    this.#goToSentence(previousSentence, () => this.#player.previous());
  }

  /** `ms`: how far before the beginning of this block, negative. */
  #skipBack(ms) {
    const { idx } = this.#player;
    const before = this.#playlist.before(idx);
    const lastsMs = before === null ? 0 : (this.#session.stateOf(before)?.durationMs ?? 0);
    const target = lastsMs + Math.min(ms, -END_MARGIN_MS - 1);
    this.#player.goTo(before ?? idx, { ms: Math.max(0, target) });
  }

  #goToSentence(find, orElse) {
    const { idx, marks, positionMs } = this.#player;
    const ms = marks && find(marks, this.#sentences(idx), positionMs);
    if (ms === null) orElse();
    else this.#player.seek(ms);
  }
}
