const REFRESH_MS = 250;
const WIDTH = 1000;
const SHORTEST_AHEAD_MS = 1_000;
const MINUTE_MS = 60_000;

/** The bar over the player: where we are, and how far sound is ready in the voice chosen last. */
export class ProgressBar {
  #player;
  #session;
  #ready;
  #heard;
  #path;
  #seek;
  #place;
  #ahead;
  #timer = null;
  #isSeeking = false;

  constructor({ player, session, ready, root }) {
    this.#player = player;
    this.#session = session;
    this.#ready = ready;
    this.#heard = root.querySelector("#bar-heard");
    this.#path = root.querySelector("#bar-ready");
    this.#seek = root.querySelector("#seek");
    this.#place = root.querySelector("#place");
    this.#ahead = root.querySelector("#ahead");
    ready.addEventListener("change", () => this.#showReady());
    session.addEventListener("ready", () => this.#showReady());
    for (const type of ["block", "state", "speed"]) {
      player.addEventListener(type, () => this.#showPlace());
    }
    this.#seek.addEventListener("input", () => {
      this.#isSeeking = true;
      this.#showPlace();
    });
    this.#seek.addEventListener("change", () => {
      this.#isSeeking = false;
      player.playFrom(Number(this.#seek.value));
    });
    this.#showReady();
  }

  #showReady() {
    const blocks = Math.max(1, this.#session.blockCount);
    const x = (idx) => ((idx / blocks) * WIDTH).toFixed(2);
    const boxes = this.#ready
      .ranges()
      .map(([first, last]) => `M${x(first)} 0H${x(last + 1)}V1H${x(first)}Z`);
    this.#path.setAttribute("d", boxes.join(""));
    this.#seek.max = String(blocks - 1);
    this.#showPlace();
  }

  #showPlace() {
    clearTimeout(this.#timer);
    const { idx: cursor, state, positionMs } = this.#player;
    if (cursor === null) return;
    const blocks = Math.max(1, this.#session.blockCount);
    const idx = this.#isSeeking ? Number(this.#seek.value) : cursor;
    const within = this.#isSeeking ? 0 : positionMs / (this.#ready.durationMs(idx) || Infinity);
    const share = state === "ended" && !this.#isSeeking ? 1 : (idx + Math.min(1, within)) / blocks;
    this.#heard.style.setProperty("--heard", share.toFixed(5));
    if (!this.#isSeeking) this.#seek.value = String(idx);
    this.#seek.ariaValueText = `Paragraph ${idx + 1} of ${blocks}`;
    this.#showWords(idx, this.#isSeeking ? 0 : positionMs, blocks);
    if (state === "playing") this.#timer = setTimeout(() => this.#showPlace(), REFRESH_MS);
  }

  #showWords(idx, positionMs, blocks) {
    const { speed } = this.#player;
    const { elapsedMs, totalMs } = this.#ready.place(idx, positionMs);
    const isOver = this.#player.state === "ended" && !this.#isSeeking;
    const rest = isOver ? "the end" : left((totalMs - elapsedMs) / speed);
    const ahead = isOver ? 0 : this.#ready.ahead(idx, positionMs).ms;
    setText(this.#place, `${idx + 1} of ${blocks} · ${rest}`);
    setText(this.#ahead, ahead < SHORTEST_AHEAD_MS ? "" : `· ${amount(ahead / speed)} ready`);
  }
}

const left = (ms) =>
  ms < MINUTE_MS ? "under a minute left" : `${Math.round(ms / MINUTE_MS)} min left`;

const amount = (ms) =>
  ms < MINUTE_MS ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / MINUTE_MS)} min`;

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
