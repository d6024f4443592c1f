import { entryOf } from "./voice.js";
import { baseOf, isSpoken } from "./voices.js";

/** A voice of another language than the text's is hard to follow: say so, and offer others. */
export class LanguageHint {
  #reading;
  #voices;
  #picker;
  #notices;

  /** `reading`: the element that tells the text's language in its data. */
  constructor({ reading, voices, picker, notices }) {
    this.#reading = reading;
    this.#voices = voices;
    this.#picker = picker;
    this.#notices = notices;
  }

  show(voice) {
    const { language } = this.#reading.dataset;
    const { language: spoken, speaks = true } = entryOf(this.#voices, voice) ?? {};
    this.#notices.hide("language");
    // What it cannot speak at all is read by a voice of that language, and the player names it.
    if (!speaks || !language || !spoken || baseOf(spoken) === baseOf(language)) return;
    if (!isSpoken(this.#voices, language)) return;
    const names = new Intl.DisplayNames("en", { type: "language" });
    const name = names.of(baseOf(language));
    this.#notices.show({
      kind: "language",
      text: `This is written in ${name}, and the voice speaks ${names.of(baseOf(spoken))}.`,
      stays: true,
      action: { label: `Choose a voice for ${name}`, run: () => this.#picker.openFor(language) },
    });
  }
}
