const LABELS = {
  "retry": "Try again",
  "sign-in": "Sign in",
  "reload": "Reload the page",
  "library": "To the library",
};

/** Shows the status line, and next to it a button for what would help. */
export class StatusView {
  #line;
  #text;
  #button;
  #acts;

  constructor({ line, text, button, acts }) {
    this.#line = line;
    this.#text = text;
    this.#button = button;
    this.#acts = acts;
    line.addEventListener("change", () => this.#show());
    button.addEventListener("click", () => this.#acts[line.action]?.());
    this.#show();
  }

  #show() {
    const { text, tone, action } = this.#line;
    if (this.#text.textContent !== text) {
      // Seconds that run down are shown, not read out.
      const isTick = withoutFigures(text) === withoutFigures(this.#text.textContent);
      this.#text.ariaLive = isTick ? "off" : "polite";
      this.#text.textContent = text;
    }
    this.#text.title = text;
    this.#text.dataset.tone = tone;
    // To press play there is the play button.
    this.#button.hidden = !(action in LABELS);
    this.#button.textContent = LABELS[action] ?? "";
  }
}

const withoutFigures = (text) => text.replace(/\d+/g, "");
