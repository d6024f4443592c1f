/** Says quietly over the player that another page of the person's plays, and lets this one take over. */
export class OtherPagesView {
  #others;
  #root;
  #words;
  #place;
  #button;

  constructor({ others, root }) {
    this.#others = others;
    this.#root = root;
    this.#words = root.querySelector("#elsewhere-words");
    this.#place = root.querySelector("#elsewhere-place");
    this.#button = root.querySelector("button");
    this.#button.addEventListener("click", () => {
      others.takeOver();
      this.#button.blur(); // The space bar is the player's again.
    });
    others.addEventListener("change", () => this.#show());
  }

  #show() {
    const { playing, tookOver } = this.#others;
    this.#root.hidden = playing === null;
    if (playing === null) return;
    const device = playing.device === "" ? "" : ` (${playing.device})`;
    const what = tookOver ? "Playback went on" : "Playing";
    const words = `${what} on another device${device}`;
    // Announced once; the paragraphs as they pass are for the eye.
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#place.textContent = `, paragraph ${playing.blockIdx + 1}`;
    this.#button.textContent = tookOver ? "Take it back" : "Continue here";
  }
}
