import { Sample } from "./sample.js";
import { entryOf, shownName, voiceOf } from "./voice.js";
import { VoiceList } from "./voice_list.js";
import { baseOf, fold, isSpoken, languageOf, languages } from "./voices.js";

const ALL = "all";
const FAVOURITES = "favourites";

/**
 * Chooses a voice: a dialog with a search field and a choice of languages over a list of voices.
 * What has the focus is the search field; the list follows its keys.
 *
 * Events: change, with the voice; sample, when one is about to be heard.
 */
export class VoicePicker extends EventTarget {
  #dialog;
  #search;
  #filter;
  #list;
  #none;
  #button;
  #label;
  #count;
  #say;
  #sample;
  #favourites;
  #voices;
  #language;

  constructor({ dialog, button, voices, language, previewUrl, favourites }) {
    super();
    const find = (id) => dialog.querySelector(`#${id}`);
    this.#dialog = dialog;
    this.#button = button;
    this.#voices = voices;
    this.#language = language;
    this.#favourites = favourites;
    this.#label = button.querySelector("#voice-name");
    this.#search = find("voice-search");
    this.#filter = find("voice-filter");
    this.#none = find("voices-none");
    this.#count = find("voices-count");
    this.#say = find("voices-say");
    this.#list = new VoiceList({
      root: find("voice-list"),
      templates: dialog,
      voices,
      language,
      favourites,
    });
    this.#list.addEventListener("active", () => this.#showActive());
    this.#list.addEventListener("press", ({ detail }) => this.#onPress(detail));
    this.#sample = new Sample({ previewUrl });
    this.#sample.addEventListener("change", () => this.#showSample());
    favourites.addEventListener("change", ({ detail }) => this.#showStar(detail.voice));
    favourites.addEventListener("failed", () => {
      this.#tell("This could not be kept. Is there a connection?", true);
    });
    this.#drawFilter();
    button.addEventListener("click", () => this.#open());
    find("voices-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => this.#sample.stop());
    this.#search.addEventListener("input", () => this.#show());
    this.#search.addEventListener("keydown", (event) => this.#onKey(event));
    this.#filter.addEventListener("change", () => this.#show());
    find("voice-hear").addEventListener("click", () => this.#hear(this.#list.active.voice));
    find("voice-star").addEventListener("click", () => favourites.toggle(this.#list.active.voice));
  }

  /** Open with the voices of a language (BCP 47). */
  openFor(language) {
    this.#open();
    this.#filter.value = baseOf(language);
    this.#show();
  }

  /** Show which voice holds. */
  show(voice) {
    this.#list.choose(voice);
    this.#label.textContent = shownName(this.#voices, voice);
    const known = entryOf(this.#voices, voice);
    this.#button.title = known ? `${known.name}, ${languageOf(known)}` : "";
  }

  #drawFilter() {
    const found = languages(this.#voices, this.#language);
    this.#filter.append(
      new Option("All languages", ALL),
      new Option("Favourites", FAVOURITES),
      ...found.map(({ base, name, count }) => new Option(`${name} (${count})`, base)),
    );
    const isOwn = this.#language !== "" && isSpoken(this.#voices, this.#language);
    this.#filter.value = isOwn ? baseOf(this.#language) : ALL;
  }

  #open() {
    this.#search.value = "";
    this.#tell("");
    this.#list.arrange();
    this.#dialog.showModal();
    this.#show();
    this.#search.focus();
  }

  /** Show what is sought: in the language chosen, or in all if there is nothing of it in that. */
  #show() {
    const sought = fold(this.#search.value).split(/\s+/);
    const found = this.#list.filter(({ words }) => sought.every((word) => words.includes(word)));
    const near = found.filter(({ voice }) => this.#isInFilter(voice));
    const isWider = near.length === 0 && this.#search.value.trim() !== "";
    const shown = isWider ? found : near;
    this.#list.show(shown, { prefersChosen: this.#search.value === "" });
    this.#none.hidden = shown.length > 0;
    this.#none.textContent = isWider
      ? "No voice goes by that name."
      : "No favourites yet. Press the star of a voice that you like.";
    const many = shown.length === 1 ? "1 voice" : `${shown.length} voices`;
    this.#count.textContent =
      isWider && shown.length > 0 && this.#filter.value !== ALL ? `${many} elsewhere` : many;
  }

  #isInFilter(voice) {
    const { value } = this.#filter;
    if (value === FAVOURITES) return this.#favourites.has(voice);
    return value === ALL || baseOf(voice.language) === value;
  }

  #onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      this.#list.step(steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const { active } = this.#list;
      if (active === null) return;
      if (event.shiftKey) this.#hear(active.voice);
      else this.#choose(active.voice);
    }
  }

  #onPress({ act, voice }) {
    if (act === "hear") this.#hear(voice);
    else if (act === "star") this.#favourites.toggle(voice);
    else {
      this.#choose(voice);
      // After a press with the pointer, the space bar is the player's again.
      this.#button.blur();
    }
  }

  #choose(entry) {
    const voice = voiceOf(entry);
    // The listener acts in this very task: from this press on, nothing of the old voice is heard.
    this.dispatchEvent(new CustomEvent("change", { detail: { voice } }));
    this.#dialog.close();
  }

  #hear(voice) {
    this.dispatchEvent(new CustomEvent("sample"));
    this.#sample.toggle(voice);
  }

  #showActive() {
    const { active } = this.#list;
    if (active === null) this.#search.removeAttribute("aria-activedescendant");
    else this.#search.setAttribute("aria-activedescendant", active.element.id);
    this.#showActs();
  }

  /** The same that the row has, for whom the row's own buttons are out of reach. */
  #showActs() {
    const { active } = this.#list;
    const [hear, star] = this.#dialog.querySelectorAll(".voices__acts button");
    hear.disabled = star.disabled = active === null;
    if (active === null) return;
    hear.ariaLabel = active.hear.ariaLabel;
    star.ariaLabel = active.star.ariaLabel;
    star.ariaPressed = active.star.ariaPressed;
  }

  #showSample() {
    const { state, message } = this.#sample;
    this.#list.showSample(this.#sample);
    this.#showActs();
    this.#tell(state === "loading" ? "Making a sample…" : message, message !== "");
  }

  #showStar(voice) {
    this.#list.showStar(voice);
    this.#showActs();
    const { name } = entryOf(this.#voices, voice);
    const isOne = this.#favourites.has(voice);
    this.#tell(`${name} is ${isOne ? "a favourite" : "no favourite any more"}.`);
  }

  #tell(message, isBad = false) {
    this.#say.textContent = message;
    this.#say.classList.toggle("voices__say--bad", isBad);
  }
}
