const REFRESH_MS = 250;
const WIDTH = 1000;
// Steps of the slider: parts of the listening time, fine enough to reach each block of a book.
const STEPS = 100_000;
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
    this.#seek.max = String(STEPS);
    this.#seek.addEventListener("keydown", (event) => this.#onKey(event));
    this.#seek.addEventListener("input", () => {
      this.#isSeeking = true;
      this.#showPlace();
    });
    this.#seek.addEventListener("change", () => {
      this.#isSeeking = false;
      if (this.#sought !== null) player.playFrom(this.#sought);
    });
    this.#showReady();
  }

  /** The block under the slider. */
  get #sought() {
    return this.#ready.atShare(Number(this.#seek.value) / STEPS);
  }

  /** One press of an arrow goes one paragraph on or back. */
  #onKey(event) {
    const act = { ArrowLeft: "previous", ArrowDown: "previous", ArrowRight: "next", ArrowUp: "next" };
    if (!(event.key in act) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.#player[act[event.key]]();
  }

  #showReady() {
    const x = (idx) => (this.#ready.shareBefore(idx) * WIDTH).toFixed(2);
    const boxes = this.#ready
      .ranges()
      .map(([first, last]) => `M${x(first)} 0H${x(last + 1)}V1H${x(first)}Z`);
    this.#path.setAttribute("d", boxes.join(""));
    this.#showPlace();
  }

  #showPlace() {
    clearTimeout(this.#timer);
    const { idx: cursor, state } = this.#player;
    if (cursor === null) return;
    const idx = this.#isSeeking ? (this.#sought ?? cursor) : cursor;
    const positionMs = this.#isSeeking ? 0 : this.#player.positionMs;
    const isOver = state === "ended" && !this.#isSeeking;
    const { elapsedMs, totalMs } = this.#ready.place(idx, positionMs);
    const share = isOver ? 1 : Math.min(1, elapsedMs / (totalMs || 1));
    const shown = this.#isSeeking ? Number(this.#seek.value) / STEPS : share;
    this.#heard.style.setProperty("--heard", shown.toFixed(5));
    if (!this.#isSeeking) this.#seek.value = String(Math.round(share * STEPS));
    this.#showWords(idx, positionMs, { share, isOver, leftMs: totalMs - elapsedMs });
    if (state === "playing") this.#timer = setTimeout(() => this.#showPlace(), REFRESH_MS);
  }

  #showWords(idx, positionMs, { share, isOver, leftMs }) {
    const { speed } = this.#player;
    const paragraph = `Paragraph ${idx + 1} of ${Math.max(1, this.#session.blockCount)}`;
    const percent = `${Math.floor(share * 100)} %`;
    const rest = isOver ? "the end" : left(leftMs / speed);
    const ahead = isOver ? 0 : this.#ready.ahead(idx, positionMs).ms;
    this.#seek.ariaValueText = `${paragraph}, ${percent}`;
    if (this.#place.title !== paragraph) this.#place.title = paragraph;
    setText(this.#place, `${percent} · ${rest}`);
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
