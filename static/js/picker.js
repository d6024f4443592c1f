import { Sample } from "./sample.js";
import { sameVoice } from "./voice.js";
import { baseOf, fold, grouped, languageOf, languages, wordsOf } from "./voices.js";

const ALL = "all";
const FAVOURITES = "favourites";

/**
 * Chooses a voice: a dialog with a search field and a choice of languages over a list of voices,
 * favourites first, then by language and model. What has the focus is the search field; the list
 * follows its keys.
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
  #options = []; // as they are shown: favourites first
  #groups = [];
  #chosen = null;
  #active = null;

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
    this.#list = find("voice-list");
    this.#none = find("voices-none");
    this.#count = find("voices-count");
    this.#say = find("voices-say");
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
    find("voice-hear").addEventListener("click", () => this.#hear(this.#active));
    find("voice-star").addEventListener("click", () => favourites.toggle(this.#active.voice));
    this.#list.addEventListener("click", (event) => this.#onPress(event));
  }

  /** Open with the voices of a language (BCP 47). */
  openFor(language) {
    this.#open();
    this.#filter.value = baseOf(language);
    this.#show();
  }

  /** The language (BCP 47) that a voice speaks, or null if it is not among these. */
  languageOf(voice) {
    return this.#known(voice)?.language ?? null;
  }

  /** The name of a voice, or null of one that is not listed. */
  nameOf(voice) {
    return this.#known(voice)?.name ?? null;
  }

  /** The name of a voice's speech model, or null of one that is not listed. */
  modelNameOf(voice) {
    return this.#known(voice)?.model_name ?? null;
  }

  /** Whether some voice speaks this language (BCP 47). */
  speaks(language) {
    return this.#voices.some((voice) => baseOf(voice.language) === baseOf(language));
  }

  /** Show which voice holds. */
  show(voice) {
    this.#chosen = voice;
    for (const option of this.#options) {
      option.element.ariaSelected = String(sameVoice(option.voice, voice));
    }
    const known = this.#known(voice);
    this.#label.textContent = known?.name ?? voice?.voice_slug ?? "Choose a voice";
    this.#button.title = known ? `${known.name}, ${languageOf(known)}` : "";
  }

  #known(voice) {
    return this.#voices.find((each) => sameVoice(each, voice));
  }

  #drawFilter() {
    const found = languages(this.#voices, this.#language);
    this.#filter.append(
      new Option("All languages", ALL),
      new Option("Favourites", FAVOURITES),
      ...found.map(({ base, name, count }) => new Option(`${name} (${count})`, base)),
    );
    this.#filter.value = this.#speaksOwn() ? baseOf(this.#language) : ALL;
  }

  #speaksOwn() {
    return this.#language !== "" && this.speaks(this.#language);
  }

  /** Hundreds of voices are drawn when they are asked for. */
  #draw() {
    const own = [{ languageName: "Favourites", modelName: "", voices: [] }];
    const groups = [...own, ...grouped(this.#voices, this.#language)];
    const template = this.#dialog.querySelector("#voice-group").content.firstElementChild;
    this.#groups = groups.map((group, at) => {
      const element = template.cloneNode(true);
      const head = element.firstElementChild;
      head.id = `voice-group-${at}`;
      head.children[0].textContent = group.languageName;
      head.children[1].textContent = group.modelName;
      element.setAttribute("aria-labelledby", head.id);
      return { element, options: group.voices.map((voice) => this.#drawOption(voice)) };
    });
    this.#list.append(...this.#groups.map(({ element }) => element));
  }

  #drawOption(voice) {
    const template = this.#dialog.querySelector("#voice-option").content.firstElementChild;
    const element = template.cloneNode(true);
    element.id = `voice-${voice.model_slug}-${voice.voice_slug}`;
    element.children[0].textContent = voice.name;
    element.children[1].textContent = voice.language;
    element.ariaSelected = String(sameVoice(voice, this.#chosen));
    // For the pointer alone: the buttons at the foot do the same by the keyboard.
    const [star, hear] = element.querySelectorAll(".voices__star, .voices__hear");
    hear.ariaLabel = `Hear ${voice.name}`;
    const option = { voice, element, star, hear, words: wordsOf(voice) };
    this.#nameStar(option);
    return option;
  }

  /** Favourites stand first. They move when the list is opened, not under the person's finger. */
  #arrange() {
    if (this.#groups.length === 0) this.#draw();
    const [first, ...rest] = this.#groups;
    const isFavourite = ({ voice }) => this.#favourites.has(voice);
    const favourites = rest.flatMap(({ options }) => options.filter(isFavourite));
    first.shown = favourites;
    for (const group of rest) group.shown = group.options.filter((each) => !isFavourite(each));
    for (const { element, shown } of this.#groups) {
      const wanted = [element.firstElementChild, ...shown.map((option) => option.element)];
      if (wanted.some((child, at) => element.children[at] !== child)) element.append(...wanted);
    }
    this.#options = this.#groups.flatMap(({ shown }) => shown);
  }

  #open() {
    this.#search.value = "";
    this.#tell("");
    this.#arrange();
    this.#dialog.showModal();
    this.#show();
    this.#search.focus();
  }

  /** Show what is sought: in the language chosen, or in all if there is nothing of it in that. */
  #show() {
    const sought = fold(this.#search.value).split(/\s+/);
    const found = this.#options.filter(({ words }) => sought.every((word) => words.includes(word)));
    const near = found.filter(({ voice }) => this.#isChosen(voice));
    const isWider = near.length === 0 && this.#search.value.trim() !== "";
    const shown = new Set(isWider ? found : near);
    for (const option of this.#options) option.element.hidden = !shown.has(option);
    for (const group of this.#groups) {
      group.element.hidden = group.shown.every((option) => option.element.hidden);
    }
    this.#none.hidden = shown.size > 0;
    this.#none.textContent = isWider
      ? "No voice goes by that name."
      : "No favourites yet. Press the star of a voice that you like.";
    const many = shown.size === 1 ? "1 voice" : `${shown.size} voices`;
    this.#count.textContent =
      isWider && shown.size > 0 && this.#filter.value !== ALL ? `${many} elsewhere` : many;
    this.#list.scrollTop = 0;
    const first = this.#options.find((option) => shown.has(option)) ?? null;
    const chosen = this.#options.find(
      (option) => shown.has(option) && sameVoice(option.voice, this.#chosen),
    );
    this.#activate(this.#search.value === "" ? (chosen ?? first) : first, chosen !== undefined);
  }

  #isChosen(voice) {
    const { value } = this.#filter;
    if (value === FAVOURITES) return this.#favourites.has(voice);
    return value === ALL || baseOf(voice.language) === value;
  }

  #onPress(event) {
    const element = event.target.closest(".voices__voice");
    const option = this.#options.find((each) => each.element === element);
    if (option === undefined) return;
    if (event.target.closest(".voices__hear") !== null) {
      this.#activate(option);
      this.#hear(option);
    } else if (event.target.closest(".voices__star") !== null) {
      this.#activate(option);
      this.#favourites.toggle(option.voice);
    } else {
      this.#choose(option);
      // After a press with the pointer, the space bar is the player's again.
      this.#button.blur();
    }
  }

  #onKey(event) {
    const found = this.#options.filter(({ element }) => !element.hidden);
    const at = found.indexOf(this.#active);
    const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? found.length - 1 : at - 1 };
    if (event.key in steps && found.length > 0) {
      event.preventDefault();
      this.#activate(found.at(steps[event.key] % found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.#active === null) return;
      if (event.shiftKey) this.#hear(this.#active);
      else this.#choose(this.#active);
    }
  }

  #activate(option, isCentred = false) {
    this.#active?.element.classList.remove("voices__voice--active");
    this.#active = option;
    this.#showActs();
    if (option === null) {
      this.#search.removeAttribute("aria-activedescendant");
      return;
    }
    option.element.classList.add("voices__voice--active");
    this.#scrollTo(option.element, isCentred);
    this.#search.setAttribute("aria-activedescendant", option.element.id);
  }

  /** The same that the row has, for whom the row's own buttons are out of reach. */
  #showActs() {
    const [hear, star] = this.#dialog.querySelectorAll(".voices__acts button");
    hear.disabled = star.disabled = this.#active === null;
    if (this.#active === null) return;
    hear.ariaLabel = this.#active.hear.ariaLabel;
    star.ariaLabel = this.#active.star.ariaLabel;
    star.ariaPressed = this.#active.star.ariaPressed;
  }

  /** Scroll the list alone: `scrollIntoView` would move the page behind the dialog as well. */
  #scrollTo(element, isCentred) {
    const box = element.getBoundingClientRect();
    const list = this.#list.getBoundingClientRect();
    const head = element.parentElement.firstElementChild.offsetHeight;
    const above = box.top - (list.top + head);
    const below = box.bottom - list.bottom;
    const isInView = above >= 0 && below <= 0;
    if (isCentred && !isInView) this.#list.scrollTop += (above + below) / 2;
    else if (above < 0) this.#list.scrollTop += above;
    else if (below > 0) this.#list.scrollTop += below;
  }

  #choose({ voice: { model_slug, voice_slug } }) {
    const voice = { model_slug, voice_slug };
    // The listener acts in this very task: from this press on, nothing of the old voice is heard.
    this.dispatchEvent(new CustomEvent("change", { detail: { voice } }));
    this.#dialog.close();
  }

  #hear({ voice }) {
    this.dispatchEvent(new CustomEvent("sample"));
    this.#sample.toggle(voice);
  }

  #showSample() {
    const { voice, state, message } = this.#sample;
    for (const option of this.#options) {
      const its = voice !== null && sameVoice(option.voice, voice) ? state : "idle";
      option.element.dataset.sample = its;
      option.hear.ariaLabel = `${its === "idle" ? "Hear" : "Stop"} ${option.voice.name}`;
    }
    this.#showActs();
    this.#tell(state === "loading" ? "Making a sample…" : message, message !== "");
  }

  #showStar(voice) {
    const option = this.#options.find((each) => sameVoice(each.voice, voice));
    if (option === undefined) return;
    this.#nameStar(option);
    this.#showActs();
    const isOne = this.#favourites.has(voice);
    this.#tell(`${option.voice.name} is ${isOne ? "a favourite" : "no favourite any more"}.`);
  }

  #nameStar({ voice, element, star }) {
    const isOne = this.#favourites.has(voice);
    star.ariaPressed = String(isOne);
    star.ariaLabel = `Favourite: ${voice.name}`;
    element.ariaLabel = `${voice.name}, ${voice.language}${isOne ? ", favourite" : ""}`;
  }

  #tell(message, isBad = false) {
    this.#say.textContent = message;
    this.#say.classList.toggle("voices__say--bad", isBad);
  }
}
