import { MAX_WINDOW } from "../session/protocol.js";

// A model that makes speech so many times faster than it is heard is looked ahead with as usual.
const USUAL_LEAD = 2;
const LEAST_FACTOR = 0.5;
const MOST_FACTOR = 4;
const LEAST_BLOCKS_AHEAD = 2;

/**
 * Which blocks to want from a place on: so many seconds of sound at the current speed, fewer of a
 * model that is quick and more of one that is hardly faster than it is heard.
 */
export class LookAhead {
  #playlist;
  #durations;
  #pace;
  #seconds;

  /** `durations`: tells `durationMs(idx)`; `seconds`: how far to look ahead of a usual model. */
  constructor({ playlist, durations, pace, seconds }) {
    this.#playlist = playlist;
    this.#durations = durations;
    this.#pace = pace;
    this.#seconds = seconds;
  }

  window(idx, speed) {
    const lead = this.#pace.timesRealTime / speed;
    const factor = Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, USUAL_LEAD / lead));
    let leftMs = this.#seconds * 1000 * factor * speed;
    const indices = [];
    for (let at = idx; at !== null && indices.length < MAX_WINDOW; at = this.#playlist.after(at)) {
      if (leftMs <= 0 && indices.length > LEAST_BLOCKS_AHEAD) break;
      indices.push(at);
      if (at !== idx) leftMs -= this.#durations.durationMs(at);
    }
    return indices;
  }
}
