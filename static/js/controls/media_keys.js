import { whenShown } from "../life.js";

const SKIP_MS = 15_000;

/**
 * What headphones, keyboards and lock screens show of the player, and what their keys do: the
 * browser's Media Session.
 */
export class MediaKeys {
  #player;
  #ready;
  #title;
  #artist;
  #chapter;
  #artwork;
  #shown = "";
  /** @type {Record<string, MediaSessionActionHandler>} */
  #acts;

  /**
   * `title()` and `chapter(idx)`: what is read; `artwork`: images as the API has them.
   *
   * @param {{player: any, steps: any, ready: any, title: () => string, artist?: string,
   *   chapter?: (idx: number) => string, artwork?: MediaImage[]}} parts
   */
  constructor({ player, steps, ready, title, artist = "", chapter = () => "", artwork = [] }) {
    this.#player = player;
    this.#ready = ready;
    this.#title = title;
    this.#artist = artist;
    this.#chapter = chapter;
    this.#artwork = artwork;
    if (!("mediaSession" in navigator)) return;
    this.#acts = {
      play: () => player.play(),
      pause: () => player.pause(),
      stop: () => player.pause(),
      previoustrack: () => player.previous(),
      nexttrack: () => player.next(),
      seekbackward: ({ seekOffset }) => steps.skip(-(seekOffset ? seekOffset * 1000 : SKIP_MS)),
      seekforward: ({ seekOffset }) => steps.skip(seekOffset ? seekOffset * 1000 : SKIP_MS),
    };
    whenShown(() => this.#take());
    for (const type of ["state", "block", "speed"]) {
      player.addEventListener(type, () => this.#show());
    }
  }

  /** Have the keys, which another page may have had. */
  #take() {
    for (const [action, act] of Object.entries(this.#acts)) {
      try {
        navigator.mediaSession.setActionHandler(action, act);
      } catch {
        // This browser does not know the action.
      }
    }
  }

  #show() {
    const { idx, wantsSound, state, speed, positionMs } = this.#player;
    if (idx === null || state === "idle") return;
    navigator.mediaSession.playbackState = wantsSound ? "playing" : "paused";
    const shown = [this.#title(), this.#chapter(idx)].join("\n");
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#take();
      navigator.mediaSession.metadata = new MediaMetadata({
        title: this.#chapter(idx) || this.#title(),
        artist: this.#artist,
        album: this.#title(),
        artwork: this.#artwork,
      });
    }
    const { elapsedMs, totalMs } = this.#ready.place(idx, positionMs);
    navigator.mediaSession.setPositionState?.({
      duration: totalMs / 1000,
      position: Math.min(elapsedMs, totalMs) / 1000,
      playbackRate: speed,
    });
  }
}
