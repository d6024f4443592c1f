import { sameVoice } from "./voice.js";
import { grouped, wordsOf } from "./voices.js";

/**
 * The voices to choose from, in groups: favourites first, then by language and model. One of them
 * is active, as if it had the focus.
 *
 * Events: active, when it is another one; press, with `act` (choose, hear or star) and `voice`.
 */
export class VoiceList extends EventTarget {
  #root;
  #templates;
  #voices;
  #language;
  #favourites;
  #groups = [];
  #options = []; // as they are shown: favourites first
  #chosen = null;
  #active = null;

  /** `templates`: the element that holds those of a group and of a voice. */
  constructor({ root, templates, voices, language, favourites }) {
    super();
    this.#root = root;
    this.#templates = templates;
    this.#voices = voices;
    this.#language = language;
    this.#favourites = favourites;
    root.addEventListener("click", (event) => this.#onPress(event));
  }

  /** The active one, `{voice, element, star, hear, words}`, or null when none is shown. */
  get active() {
    return this.#active;
  }

  /** Mark the voice that holds. */
  choose(voice) {
    this.#chosen = voice;
    for (const option of this.#options) {
      option.element.ariaSelected = String(sameVoice(option.voice, voice));
    }
  }

  /** Put favourites first. They move when the list is opened, not under the person's finger. */
  arrange() {
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

  /** Return the options that a test holds for. */
  filter(test) {
    return this.#options.filter(test);
  }

  /** Show these of them; the first one is active, or with `prefersChosen` the voice that holds. */
  show(options, { prefersChosen }) {
    const shown = new Set(options);
    for (const option of this.#options) option.element.hidden = !shown.has(option);
    for (const group of this.#groups) {
      group.element.hidden = group.shown.every((option) => option.element.hidden);
    }
    this.#root.scrollTop = 0;
    const chosen = options.find(({ voice }) => sameVoice(voice, this.#chosen));
    const first = options[0] ?? null;
    this.#activate(prefersChosen ? (chosen ?? first) : first, chosen !== undefined);
  }

  /** Go on to the next one that is shown, or back with -1. */
  step(by) {
    const shown = this.#options.filter(({ element }) => !element.hidden);
    if (shown.length === 0) return;
    const at = shown.indexOf(this.#active);
    const to = at < 0 && by < 0 ? shown.length - 1 : at + by;
    this.#activate(shown.at(to % shown.length));
  }

  showSample({ voice, state }) {
    for (const option of this.#options) {
      const its = voice !== null && sameVoice(option.voice, voice) ? state : "idle";
      option.element.dataset.sample = its;
      option.hear.ariaLabel = `${its === "idle" ? "Hear" : "Stop"} ${option.voice.name}`;
    }
  }

  /** Show whether a voice is a favourite. */
  showStar(voice) {
    const option = this.#options.find((each) => sameVoice(each.voice, voice));
    if (option !== undefined) this.#nameStar(option);
  }

  /** Hundreds of voices are drawn when they are asked for. */
  #draw() {
    const own = [{ languageName: "Favourites", modelName: "", nature: "", voices: [] }];
    const groups = [...own, ...grouped(this.#voices, this.#language)];
    this.#groups = groups.map((group, at) => {
      const element = this.#copyOf("voice-group");
      const head = element.firstElementChild;
      head.id = `voice-group-${at}`;
      head.children[0].textContent = group.languageName;
      head.children[1].textContent = group.modelName;
      head.children[2].textContent = group.nature;
      element.setAttribute("aria-labelledby", head.id);
      return { element, options: group.voices.map((voice) => this.#drawOption(voice)) };
    });
    this.#root.append(...this.#groups.map(({ element }) => element));
  }

  #drawOption(voice) {
    const element = this.#copyOf("voice-option");
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

  #copyOf(id) {
    return this.#templates.querySelector(`#${id}`).content.firstElementChild.cloneNode(true);
  }

  #nameStar({ voice, element, star }) {
    const isOne = this.#favourites.has(voice);
    star.ariaPressed = String(isOne);
    star.ariaLabel = `Favourite: ${voice.name}`;
    element.ariaLabel = `${voice.name}, ${voice.language}${isOne ? ", favourite" : ""}`;
  }

  #onPress(event) {
    const element = event.target.closest(".voices__voice");
    const option = this.#options.find((each) => each.element === element);
    if (option === undefined) return;
    const pressed = event.target.closest(".voices__hear, .voices__star");
    const act = pressed === null ? "choose" : pressed === option.hear ? "hear" : "star";
    if (act !== "choose") this.#activate(option);
    this.#tell("press", { act, voice: option.voice });
  }

  #activate(option, isCentred = false) {
    this.#active?.element.classList.remove("voices__voice--active");
    this.#active = option;
    option?.element.classList.add("voices__voice--active");
    if (option !== null) this.#scrollTo(option.element, isCentred);
    this.#tell("active");
  }

  /** Scroll the list alone: `scrollIntoView` would move the page behind the dialog as well. */
  #scrollTo(element, isCentred) {
    const box = element.getBoundingClientRect();
    const list = this.#root.getBoundingClientRect();
    const head = element.parentElement.firstElementChild.offsetHeight;
    const above = box.top - (list.top + head);
    const below = box.bottom - list.bottom;
    const isInView = above >= 0 && below <= 0;
    if (isCentred && !isInView) this.#root.scrollTop += (above + below) / 2;
    else if (above < 0) this.#root.scrollTop += above;
    else if (below > 0) this.#root.scrollTop += below;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
