import { systemClock } from "../clock.js";
import { failedBlock, report } from "./report.js";

const REFRESH_MS = 1_000;

/** Shows what the system is doing, while the part of the panel is open that tells it. */
export class ReportView {
  #facts;
  #lines; // by name: the element with its words
  #button;
  #timer = null;

  /**
   * `root`: the list; `facts`: what `report` wants.
   *
   * @param {{root: any, panel: any, connection: any, session: any, player: any, ready: any,
   *   pace: any, names: any, preparation: any}} parts
   */
  constructor({ root, panel, ...facts }) {
    this.#facts = facts;
    const lines = [...root.querySelectorAll("[data-line]")];
    this.#lines = new Map(lines.map((line) => [line.dataset.line, line]));
    this.#button = root.querySelector("#report-retry");
    const { session, player, connection } = facts;
    this.#button.addEventListener("click", () => {
      const idx = failedBlock(session, player);
      if (idx !== null) player.retry(idx);
    });
    const show = () => this.#timer !== null && this.#show();
    for (const type of ["block", "reset", "ready", "voice"]) session.addEventListener(type, show);
    for (const type of ["block", "state"]) player.addEventListener(type, show);
    connection.addEventListener("state", show);
    panel.addEventListener("opened", ({ detail }) => detail.name === "about" && this.#show());
    panel.addEventListener("closed", ({ detail }) => detail.name === "about" && this.#rest());
  }

  #show() {
    clearTimeout(this.#timer);
    const words = report({ ...this.#facts, now: systemClock.now() });
    for (const [name, line] of this.#lines) this.#say(line, words[name]);
    this.#button.hidden = failedBlock(this.#facts.session, this.#facts.player) === null;
    this.#timer = setTimeout(() => this.#show(), REFRESH_MS);
  }

  #say(line, words) {
    if (line.textContent === words) return;
    // What was not there before is read by who goes there; figures that run are shown only.
    const isNews = line.textContent !== "" && withoutFigures(line.textContent) !== withoutFigures(words);
    line.ariaLive = isNews ? "polite" : "off";
    line.textContent = words;
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}

const withoutFigures = (text) => text.replace(/[\d.]+/g, "");
