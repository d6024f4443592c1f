import { systemClock } from "../clock.js";

// Until so much has been made since the page began to look, how long the rest takes is a guess.
const ENOUGH_MS = 3_000;
const MINUTE_MS = 60_000;

/** The making of the whole document ahead of its time: begin it, see how far it is, stop it. */
export class Preparation {
  #root;
  #button;
  #url;
  #token;
  #clock;
  #voice;
  #name;
  #since = null; // {at, done} when this page first heard of it

  /** `state`: as the server knows it, or null; `voice()`: what is listened to now. */
  constructor({ root, button, url, token, state, voice, clock = systemClock }) {
    this.#root = root;
    this.#button = button;
    this.#url = url;
    this.#token = token;
    this.#voice = voice;
    this.#clock = clock;
    this.#name = state?.voice ?? null;
    button.addEventListener("click", () => this.#start());
    this.#find("preparation-stop").addEventListener("click", () => this.#post("stop/"));
    if (state?.status === "running") this.show(state);
  }

  show({ status, done, total, error }) {
    const isRunning = status === "running";
    this.#root.hidden = false;
    this.#button.hidden = isRunning;
    this.#find("preparation-stop").hidden = !isRunning;
    const bar = this.#find("preparation-bar");
    bar.hidden = !isRunning;
    bar.max = Math.max(total, 1);
    bar.value = done;
    if (!isRunning) this.#since = null;
    else this.#since ??= { at: this.#clock.now(), done };
    const words = this.#words({ status, done, total, error });
    const line = this.#find("preparation-words");
    if (line.textContent !== words) line.textContent = words;
  }

  #words({ status, done, total, error }) {
    const voice = this.#name === null ? "" : ` in ${this.#name}`;
    if (status === "done" && error === "") return `All of it is ready${voice}.`;
    if (status === "done") return `${done} of ${total} blocks are ready${voice}. ${error}`;
    if (status === "stopped") return `Stopped: ${done} of ${total} blocks are ready${voice}.`;
    if (status === "error") return `Preparing it stopped. ${error}`;
    return `Preparing${voice}: ${done} of ${total} blocks${this.#left(done, total)}`;
  }

  #left(done, total) {
    const ms = this.#clock.now() - this.#since.at;
    const made = done - this.#since.done;
    if (ms < ENOUGH_MS || made === 0) return "";
    const leftMs = ((total - done) * ms) / made;
    return leftMs < MINUTE_MS
      ? ", less than a minute left"
      : `, about ${Math.round(leftMs / MINUTE_MS)} min left`;
  }

  #start() {
    const { name, ...voice } = this.#voice();
    this.#name = name;
    this.#since = null;
    this.#post("", voice);
  }

  async #post(path, values = {}) {
    this.#button.disabled = true;
    try {
      const response = await fetch(this.#url + path, {
        method: "POST",
        headers: { "X-CSRFToken": this.#token },
        body: new URLSearchParams(values),
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    } catch {
      this.#root.hidden = false;
      this.#find("preparation-words").textContent =
        "The server could not be reached. Try again in a moment.";
    }
    this.#button.disabled = false;
  }

  #find(id) {
    return this.#root.querySelector(`#${id}`);
  }
}
