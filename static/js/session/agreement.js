import { sameVoice } from "../voices/voice.js";

/**
 * Which `ready` answers which `set_voice`, on one connection.
 *
 * A `ready` names no `set_voice`, and comes unasked too (at the beginning, and when blocks were
 * added). But the server handles messages in order and its messages keep their order, so the voices
 * of its readies run through the voices asked for, each once or several times and none before its
 * turn. The voices still to be heard of therefore stand in a queue in which no two neighbours are
 * the same, and a `ready` takes the first one off if, and only if, it names that voice. The queue
 * can lag behind the server when a `ready` is lost (then no answer comes, and the session connects
 * afresh), but never run ahead of it: when it is empty, the server has carried out the last
 * `set_voice`, and what it says from then on is said of that voice.
 */
export class Agreement {
  #awaited = [];

  /** Whether the server has answered the last `set_voice`. */
  get reached() {
    return this.#awaited.length === 0;
  }

  /** A new connection has heard of no voice. */
  forget() {
    this.#awaited = [];
  }

  asked(voice) {
    if (!sameVoice(voice, this.#awaited.at(-1) ?? null)) this.#awaited.push(voice);
  }

  /** Take a `ready` in this voice; true when it answers the last `set_voice`. */
  answered(voice) {
    if (!sameVoice(voice, this.#awaited[0] ?? null)) return false;
    this.#awaited.shift();
    return this.reached;
  }

  /** The server would not have the voice whose turn it was; true when that was the last one. */
  refused() {
    this.#awaited.shift();
    return this.reached;
  }
}
