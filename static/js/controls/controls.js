import { listen } from "../life.js";

const SLOWEST = 0.5;
const FASTEST = 3;
const STEP = 0.1;
const SKIP_MS = 15_000;
const SLIDER = 'input[type="range"]';
const TYPED = `select, textarea, input:not(${SLIDER})`;
const PRESSED = "button, a[href], summary";
const OVER_THE_PAGE = "dialog, [popover]";

/** The player's buttons and keys. */
export class Controls {
  #player;
  #steps;
  #volume;
  #chapters;
  #bar;
  #play;
  #voice;
  #sheet;
  #search;
  #slider;
  #shown;
  #usual;

  /** `acts`: what further keys do. */
  constructor({ player, steps, volume, chapters, root, acts = {} }) {
    this.#player = player;
    this.#steps = steps;
    this.#volume = volume;
    this.#chapters = chapters;
    Object.assign(this.#acts, acts);
    const find = (id) => root.querySelector(`#${id}`);
    this.#bar = find("player");
    this.#play = find("play");
    this.#voice = find("voice");
    this.#sheet = find("keys");
    this.#search = find("search-open");
    this.#slider = find("speed");
    this.#shown = find("speed-shown");
    this.#usual = [...root.querySelectorAll("[data-speed]")];

    this.#play.addEventListener("click", () => player.toggle());
    find("previous").addEventListener("click", () => player.previous());
    find("next").addEventListener("click", () => player.next());
    find("slower").addEventListener("click", () => this.#setSpeed(player.speed - STEP));
    find("faster").addEventListener("click", () => this.#setSpeed(player.speed + STEP));
    this.#slider.addEventListener("input", () => this.#setSpeed(Number(this.#slider.value)));
    for (const button of this.#usual) {
      button.addEventListener("click", () => this.#setSpeed(Number(button.dataset.speed)));
    }
    find("keys-open").addEventListener("click", () => this.#sheet.showModal());
    find("keys-close").addEventListener("click", () => this.#sheet.close());
    listen(document, "keydown", (event) => this.#onKey(event));
    root.addEventListener("click", letGo, { capture: true });
    player.addEventListener("state", () => this.#showState());
    player.addEventListener("speed", () => this.#showSpeed());
    this.#showState();
    this.#showSpeed();
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The key that bears a sign may be another one elsewhere: what counts is the sign.
    const isLetter = event.key.length > 1 || event.key === " " || /\p{L}/u.test(event.key);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = this.#acts[event.shiftKey && isLetter ? `Shift+${key}` : key];
    if (act === undefined || isTakenBy(event.target, event.key)) return;
    event.preventDefault();
    act(event);
  }

  #acts = {
    " ": ({ repeat }) => repeat || this.#player.toggle(),
    "ArrowLeft": () => this.#player.previous(),
    "ArrowRight": () => this.#player.next(),
    "Shift+ArrowLeft": () => this.#toChapter("previous"),
    "Shift+ArrowRight": () => this.#toChapter("next"),
    "j": () => this.#steps.skip(-SKIP_MS),
    "l": () => this.#steps.skip(SKIP_MS),
    ",": () => this.#steps.previousSentence(),
    ".": () => this.#steps.nextSentence(),
    "-": () => this.#setSpeed(this.#player.speed - STEP),
    "+": () => this.#setSpeed(this.#player.speed + STEP),
    "=": () => this.#setSpeed(this.#player.speed + STEP),
    "m": ({ repeat }) => repeat || (this.#volume.isMuted = !this.#volume.isMuted),
    "v": () => this.#voice.click(),
    "/": () => {
      // Open already: once more, for the focus.
      if (this.#search.ariaExpanded === "true") this.#search.click();
      this.#search.click();
    },
    "?": () => this.#sheet.showModal(),
  };

  #toChapter(where) {
    if (getSelection()?.isCollapsed === false) return; // The selection is being changed.
    const idx = this.#player.idx === null ? null : this.#chapters[where](this.#player.idx);
    if (idx !== null) this.#player.goTo(idx);
  }

  #setSpeed(speed) {
    this.#player.speed = Math.min(FASTEST, Math.max(SLOWEST, Math.round(speed / STEP) * STEP));
  }

  #showState() {
    const playing = this.#player.wantsSound;
    this.#bar.dataset.playing = String(playing);
    this.#bar.dataset.attention = String(this.#player.state === "needs-gesture");
    this.#play.ariaLabel = playing ? "Pause" : "Play";
  }

  #showSpeed() {
    const speed = this.#player.speed;
    this.#slider.value = String(speed);
    this.#slider.ariaValueText = `${speed.toFixed(1)} times`;
    this.#shown.textContent = `${speed.toFixed(1)}×`;
    for (const button of this.#usual) {
      button.ariaPressed = String(Math.abs(Number(button.dataset.speed) - speed) < STEP / 2);
    }
  }
}

/** After a press with the pointer, the keys are the player's again, and so they are after a dialog. */
function letGo({ target, detail }) {
  if (detail === 0 || target.closest(OVER_THE_PAGE)) return;
  target.closest(`${PRESSED}, ${SLIDER}`)?.blur();
}

/** Whether a key means something else where the focus is. */
function isTakenBy(target, key) {
  // What was closed keeps the focus until the next frame.
  if (target.closest("dialog:not([open]), [popover]:not(:popover-open)")) return false;
  if (target.closest(OVER_THE_PAGE)) return true;
  if (key === " ") return target.closest(`${PRESSED}, ${TYPED}`) !== null;
  return target.closest(key.length === 1 ? TYPED : `${TYPED}, ${SLIDER}`) !== null;
}
