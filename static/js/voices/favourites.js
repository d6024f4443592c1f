import { voiceName } from "./voice.js";

/** The voices that a person likes best, kept by the server. Events: change, failed; with the voice. */
export class Favourites extends EventTarget {
  #url;
  #token;
  #names;
  #last = Promise.resolve();

  constructor({ url, token, voices }) {
    super();
    this.#url = url;
    this.#token = token;
    this.#names = new Set(voices.filter(({ favourite }) => favourite).map(voiceName));
  }

  has(voice) {
    return this.#names.has(voiceName(voice));
  }

  toggle(voice) {
    const isOne = !this.has(voice);
    this.#set(voice, isOne);
    // One after the other: the last press is what stays.
    this.#last = this.#last.then(() => this.#keep(voice, isOne));
    return this.#last;
  }

  async #keep(voice, isOne) {
    const { model_slug, voice_slug } = voice;
    const url = this.#url.replace("MODEL", model_slug).replace("VOICE", voice_slug);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "X-CSRFToken": this.#token },
        body: new URLSearchParams({ favourite: isOne }),
        keepalive: true,
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    } catch {
      if (this.has(voice) === isOne) this.#set(voice, !isOne);
      this.dispatchEvent(new CustomEvent("failed", { detail: { voice } }));
    }
  }

  #set(voice, isOne) {
    if (isOne) this.#names.add(voiceName(voice));
    else this.#names.delete(voiceName(voice));
    this.dispatchEvent(new CustomEvent("change", { detail: { voice } }));
  }
}
