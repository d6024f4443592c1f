import { entryOf } from "../voices/voice.js";

/** Says who reads the block at the cursor, if another voice stands in for the one that was chosen. */
export class SpokenByView {
  #player;
  #session;
  #root;
  #voices;

  constructor({ player, session, root, voices }) {
    this.#player = player;
    this.#session = session;
    this.#root = root;
    this.#voices = voices;
    player.addEventListener("block", () => this.#show());
    session.addEventListener("block", ({ detail }) => detail.idx === player.idx && this.#show());
    session.addEventListener("reset", () => this.#show());
    this.#show();
  }

  #show() {
    const { idx } = this.#player;
    const voice = idx === null ? null : (this.#session.stateOf(idx)?.spokenBy ?? null);
    const words = voice === null ? "" : `Read by ${this.#nameOf(voice)}`;
    if (this.#root.textContent !== words) this.#root.textContent = words;
  }

  #nameOf(voice) {
    const language = entryOf(this.#voices, voice)?.language_name;
    const says = !language || voice.name.includes(language); // as eSpeak's own names do
    return says ? voice.name : `${voice.name} (${language})`;
  }
}
