import { inTurn } from "../in_turn.js";
import { voiceName } from "./voice.js";

const ANSWER_WITHIN_MS = 10_000;

/** The voices that a person likes best, kept by the server. Events: change, failed; with the voice. */
export class Favourites extends EventTarget {
  #url;
  #token;
  #names;
  #kept; // as the server has them
  #presses = new Map(); // the newest of each voice
  #inTurn = inTurn();

  constructor({ url, token, voices }) {
    super();
    this.#url = url;
    this.#token = token;
    this.#names = new Set(voices.filter(({ favourite }) => favourite).map(voiceName));
    this.#kept = new Set(this.#names);
  }

  has(voice) {
    return this.#names.has(voiceName(voice));
  }

  toggle(voice) {
    const press = { isOne: !this.has(voice) };
    this.#set(voice, press.isOne);
    this.#presses.set(voiceName(voice), press);
    // One after the other: the last press is what stays.
    return this.#inTurn(() => this.#keep(voice, press));
  }

  async #keep(voice, press) {
    const name = voiceName(voice);
    const isLast = () => this.#presses.get(name) === press;
    if (!isLast()) return;
    const { isOne } = press;
    const { model_slug, voice_slug } = voice;
    const url = this.#url.replace("MODEL", model_slug).replace("VOICE", voice_slug);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "X-CSRFToken": this.#token },
        body: new URLSearchParams({ favourite: isOne }),
        keepalive: true,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      this.#kept[isOne ? "add" : "delete"](name);
    } catch {
      if (!isLast()) return; // The next one tells what comes of it.
      if (this.#kept.has(name) !== isOne) this.#set(voice, !isOne);
      this.dispatchEvent(new CustomEvent("failed", { detail: { voice } }));
    }
  }

  #set(voice, isOne) {
    if (isOne) this.#names.add(voiceName(voice));
    else this.#names.delete(voiceName(voice));
    this.dispatchEvent(new CustomEvent("change", { detail: { voice } }));
  }
}
