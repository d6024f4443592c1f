/**
 * A voice's sample, one at a time. Events: change.
 *
 * `state` is idle, loading or playing; `message` says why there is none.
 */
export class Sample extends EventTarget {
  voice = null;
  state = "idle";
  message = "";
  #previewUrl;
  #element = null;
  #asking = null;

  constructor({ previewUrl }) {
    super();
    this.#previewUrl = previewUrl;
  }

  /** Hear this voice, or stop it if it is the one that is heard. */
  toggle(voice) {
    const isIts = this.state !== "idle" && this.voice === voice;
    this.stop();
    if (!isIts) this.#play(voice);
  }

  stop() {
    this.#asking?.abort();
    this.#asking = null;
    if (this.#element?.src) {
      this.#element.pause();
      URL.revokeObjectURL(this.#element.src);
      this.#element.removeAttribute("src");
    }
    this.#become("idle", null);
  }

  async #play(voice) {
    const asking = new AbortController();
    this.#asking = asking;
    // Made within the gesture: some browsers let only such an element play later.
    this.#element ??= this.#newElement();
    this.#become("loading", voice);
    try {
      const sound = await this.#fetch(voice, asking.signal);
      if (asking.signal.aborted) return;
      this.#element.src = URL.createObjectURL(sound);
      await this.#element.play();
      if (!asking.signal.aborted) this.#become("playing", voice);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.stop();
      this.#become("idle", null, wordsFor(error));
    }
  }

  async #fetch({ model_slug, voice_slug }, signal) {
    const url = this.#previewUrl.replace("MODEL", model_slug).replace("VOICE", voice_slug);
    const response = await fetch(url, { signal });
    if (response.ok && !response.redirected) return response.blob();
    const answer = await response.json().catch(() => ({}));
    throw new NoSample(answer.message ?? "There is no sample of this voice now. Try again later.");
  }

  #newElement() {
    const element = new Audio();
    element.addEventListener("ended", () => this.stop());
    return element;
  }

  #become(state, voice, message = "") {
    Object.assign(this, { state, voice, message });
    this.dispatchEvent(new CustomEvent("change"));
  }
}

class NoSample extends Error {}

function wordsFor(error) {
  if (error instanceof NoSample) return error.message;
  if (error.name === "NotAllowedError") return "The browser did not play it: press once more.";
  return "The sample could not be fetched. Is there a connection?";
}
