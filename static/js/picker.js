import { Sample } from "./sample.js";
import { sameVoice } from "./voice.js";

/**
 * Chooses a voice: a dialog with a search field over a list, by language and model.
 *
 * Events: change, with the voice; sample, when one is about to be heard.
 */
export class VoicePicker extends EventTarget {
  #dialog;
  #search;
  #list;
  #none;
  #button;
  #label;
  #say;
  #sample;
  #options = [];
  #groups = [];
  #chosen = null;
  #active = null;

  constructor({ dialog, button, voices, language, previewUrl }) {
    super();
    this.#dialog = dialog;
    this.#button = button;
    this.#label = button.querySelector("#voice-name");
    this.#search = dialog.querySelector("#voice-search");
    this.#list = dialog.querySelector("#voice-list");
    this.#none = dialog.querySelector("#voices-none");
    this.#say = dialog.querySelector("#voices-say");
    this.#sample = new Sample({ previewUrl });
    this.#sample.addEventListener("change", () => this.#showSample());
    this.#draw(grouped(voices, language));
    button.addEventListener("click", () => this.#open());
    dialog.querySelector("#voices-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => this.#sample.stop());
    this.#search.addEventListener("input", () => this.#filter());
    this.#search.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("click", (event) => {
      if (event.target.closest(".voices__hear") !== null) {
        this.#hear(this.#optionOf(event.target));
        return;
      }
      this.#choose(this.#optionOf(event.target));
      // After a press with the pointer, the space bar is the player's again.
      button.blur();
    });
  }

  /** Open with a search already made, such as a language's name. */
  openFor(sought) {
    this.#open();
    this.#search.value = sought;
    this.#filter();
  }

  /** The language (BCP 47) that a voice speaks, or null if it is not among these. */
  languageOf(voice) {
    const option = this.#options.find((each) => sameVoice(each.voice, voice));
    return option?.voice.language ?? null;
  }

  /** The name of a voice, or null of one that is not listed. */
  nameOf(voice) {
    const option = this.#options.find((each) => sameVoice(each.voice, voice));
    return option?.voice.name ?? null;
  }

  /** The name of a voice's speech model, or null of one that is not listed. */
  modelNameOf(voice) {
    const option = this.#options.find((each) => sameVoice(each.voice, voice));
    return option?.voice.model_name ?? null;
  }

  /** Whether some voice speaks this language (BCP 47). */
  speaks(language) {
    return this.#options.some(({ voice }) => baseOf(voice.language) === baseOf(language));
  }

  /** Show which voice holds. */
  show(voice) {
    this.#chosen = voice;
    for (const option of this.#options) {
      option.element.ariaSelected = String(sameVoice(option.voice, voice));
    }
    const option = this.#options.find((each) => sameVoice(each.voice, voice));
    this.#label.textContent = option?.voice.name ?? voice?.voice_slug ?? "Choose a voice";
    this.#button.title = option ? `${option.voice.name}, ${nameOf(option.voice)}` : "";
  }

  #draw(groups) {
    const groupTemplate = this.#dialog.querySelector("#voice-group").content.firstElementChild;
    const optionTemplate = this.#dialog.querySelector("#voice-option").content.firstElementChild;
    groups.forEach((group, at) => {
      const element = groupTemplate.cloneNode(true);
      const head = element.firstElementChild;
      head.id = `voice-group-${at}`;
      head.children[0].textContent = group.languageName;
      head.children[1].textContent = group.modelName;
      element.setAttribute("aria-labelledby", head.id);
      const options = group.voices.map((voice) => {
        const option = optionTemplate.cloneNode(true);
        option.id = `voice-${voice.model_slug}-${voice.voice_slug}`;
        option.children[0].textContent = voice.name;
        option.children[1].textContent = voice.language;
        option.children[3].ariaLabel = `Hear ${voice.name}`;
        element.append(option);
        return { voice, element: option, words: wordsOf(voice) };
      });
      this.#options.push(...options);
      this.#groups.push({ element, options });
      this.#list.append(element);
    });
  }

  #open() {
    this.#search.value = "";
    this.#filter();
    this.#dialog.showModal();
    this.#search.focus();
    this.#activate(this.#options.find(({ voice }) => sameVoice(voice, this.#chosen)) ?? null, true);
  }

  #filter() {
    const sought = fold(this.#search.value).split(/\s+/);
    for (const option of this.#options) {
      option.element.hidden = !sought.every((word) => option.words.includes(word));
    }
    for (const { element, options } of this.#groups) {
      element.hidden = options.every((option) => option.element.hidden);
    }
    const found = this.#shown();
    this.#none.hidden = found.length > 0;
    this.#list.scrollTop = 0;
    this.#activate(this.#search.value === "" ? null : (found[0] ?? null));
  }

  #onKey(event) {
    const found = this.#shown();
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
    if (option === null) {
      this.#search.removeAttribute("aria-activedescendant");
      return;
    }
    option.element.classList.add("voices__voice--active");
    this.#scrollTo(option.element, isCentred);
    this.#search.setAttribute("aria-activedescendant", option.element.id);
  }

  /** Scroll the list alone: `scrollIntoView` would move the page behind the dialog as well. */
  #scrollTo(element, isCentred) {
    const box = element.getBoundingClientRect();
    const list = this.#list.getBoundingClientRect();
    const head = element.parentElement.firstElementChild.offsetHeight;
    const above = box.top - (list.top + head);
    const below = box.bottom - list.bottom;
    if (isCentred) this.#list.scrollTop += (above + below) / 2;
    else if (above < 0) this.#list.scrollTop += above;
    else if (below > 0) this.#list.scrollTop += below;
  }

  #choose(option) {
    if (option === null) return;
    const { model_slug, voice_slug } = option.voice;
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
      option.element.children[3].ariaLabel =
        its === "idle" ? `Hear ${option.voice.name}` : `Stop ${option.voice.name}`;
    }
    this.#say.textContent = state === "loading" ? "Making a sample…" : message;
    this.#say.classList.toggle("voices__say--bad", message !== "");
  }

  #shown() {
    return this.#options.filter(({ element }) => !element.hidden);
  }

  #optionOf(target) {
    const element = target.closest(".voices__voice");
    return this.#options.find((option) => option.element === element) ?? null;
  }
}

/** Group voices by language and model; the document's language first, then by name. */
function grouped(voices, language) {
  const groups = new Map();
  for (const voice of voices) {
    const key = `${voice.model_slug} ${baseOf(voice.language)}`;
    if (!groups.has(key)) {
      groups.set(key, {
        languageName: nameOf(voice),
        modelName: voice.model_name,
        isOwn: baseOf(voice.language) === baseOf(language),
        voices: [],
      });
    }
    groups.get(key).voices.push(voice);
  }
  for (const group of groups.values()) {
    group.voices.sort(
      (one, other) => other.featured - one.featured || byName(one.name, other.name),
    );
  }
  return [...groups.values()].sort(
    (one, other) =>
      other.isOwn - one.isOwn ||
      byName(one.languageName, other.languageName) ||
      byName(one.modelName, other.modelName),
  );
}

const byName = (one, other) => one.localeCompare(other);
const baseOf = (language) => language.split("-")[0].toLowerCase();
const languageNames = new Intl.DisplayNames("en", { type: "language", fallback: "none" });

function nameOf(voice) {
  const own = voice.language_name || voice.name;
  try {
    return languageNames.of(baseOf(voice.language)) ?? own;
  } catch {
    // An engine's own code, such as "x-pirate", is no language to the browser.
    return own;
  }
}

function wordsOf(voice) {
  return fold(
    [
      voice.name,
      voice.language,
      nameOf(voice),
      voice.language_name,
      voice.model_name,
      voice.voice_slug,
    ].join(" "),
  );
}

/** Fold case and accents, so that either way of writing finds a name. */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
