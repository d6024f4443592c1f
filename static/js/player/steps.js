import { END_MARGIN_MS } from "./begin_at.js";
import { nextSentence, previousSentence, sentenceAfter } from "./sentence_moves.js";

/** Steps through what is read that are smaller than blocks: by seconds, by sentences. */
export class Steps {
  #player;
  #durations;
  #playlist;
  #sentences;

  /**
   * `durations`: tells `durationMs(idx)`, about; `sentences(idx)`: the ranges of a block's sentences
   * in what is spoken.
   */
  constructor({ player, durations, playlist, sentences }) {
    this.#player = player;
    this.#durations = durations;
    this.#playlist = playlist;
    this.#sentences = sentences;
  }

  /** Go on so many ms later in the sound, or earlier, over as many blocks as that takes. */
  skip(ms) {
    const { idx, positionMs } = this.#player;
    if (idx === null) return;
    const to = positionMs + ms;
    // One that is being made may be longer than was guessed.
    const lastsMs = Math.max(this.#durations.durationMs(idx), positionMs);
    const [at, target] = ms < 0 ? this.#back(idx, to) : this.#on(idx, to, lastsMs);
    if (at !== idx) this.#player.goTo(at, { ms: target ?? 0 });
    else if (target !== null) this.#player.seek(target);
  }

  nextSentence() {
    this.#goToSentence(nextSentence, () => this.#goBeyond());
  }

  /** Go to the beginning of this sentence or of the one before. */
  previousSentence() {
    this.#goToSentence(previousSentence, () => this.#player.previous());
  }

  /**
   * Return the block and the time in it that is so far after the beginning of `idx`; the last one
   * and null where it is beyond the end.
   */
  #on(idx, ms, lastsMs = this.#durations.durationMs(idx)) {
    // So near to its end a block is taken for heard.
    if (ms < lastsMs - END_MARGIN_MS) return [idx, ms];
    const next = this.#playlist.after(idx);
    return next === null ? [idx, null] : this.#on(next, Math.max(0, ms - lastsMs));
  }

  #back(idx, ms) {
    if (ms >= 0) return [idx, ms];
    const before = this.#playlist.before(idx);
    if (before === null) return [idx, 0];
    return this.#back(before, this.#durations.durationMs(before) + Math.min(ms, -END_MARGIN_MS - 1));
  }

  #goToSentence(find, orElse) {
    const { idx, positionMs } = this.#player;
    const marks = this.#marksSoFar;
    const ms = marks && find(marks, this.#sentences(idx), positionMs);
    if (ms === null) orElse();
    else this.#player.seek(ms);
  }

  /** To the next sentence of a block that is still being made, when it comes; else to what follows. */
  #goBeyond() {
    const { idx, marks, positionMs, isPlaying } = this.#player;
    const soFar = this.#marksSoFar;
    const ranges = marks === null && soFar !== null && isPlaying ? this.#sentences(idx) : [];
    const offset = sentenceAfter(soFar ?? [], ranges, positionMs);
    if (offset === null) this.#player.next();
    else this.#player.playFrom(idx, { offset });
  }

  get #marksSoFar() {
    return this.#player.marks ?? this.#player.litMarks ?? null;
  }
}
