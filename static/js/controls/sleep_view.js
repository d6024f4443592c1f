const MINUTE_MS = 60_000;

/** The sleep timer's buttons, and how long it still plays. */
export class SleepView {
  #timer;
  #left;
  #buttons;

  constructor({ timer, left, buttons }) {
    this.#timer = timer;
    this.#left = left;
    this.#buttons = [...buttons];
    for (const button of this.#buttons) {
      button.addEventListener("click", () => (timer.choice = choiceOf(button)));
    }
    timer.addEventListener("change", () => this.#show());
  }

  #show() {
    const { choice, leftMs } = this.#timer;
    for (const button of this.#buttons) button.ariaPressed = String(choiceOf(button) === choice);
    const words = wordsFor(choice, leftMs);
    if (this.#left.textContent !== words) this.#left.textContent = words;
  }
}

function choiceOf({ dataset }) {
  const { sleep } = dataset;
  if (sleep === "") return null;
  return sleep === "chapter" ? sleep : Number(sleep);
}

function wordsFor(choice, leftMs) {
  if (choice === null) return "";
  if (choice === "chapter") return " · stops at the chapter's end";
  const minutes = Math.ceil(leftMs / MINUTE_MS);
  if (minutes > 1) return ` · stops in ${minutes} min`;
  return ` · stops in ${Math.ceil(leftMs / 1000)} s`;
}
