import { Expected } from "../document/expected.js";
import { shownToSpoken } from "../document/marks.js";
import { wholeWords } from "../document/passages.js";
import { shareBefore } from "../player/sentence_moves.js";
import { languageName } from "../voices/voices.js";

const MOST_LETTERS = 100;
const RENEWED_WITHIN_MS = 8_000;
// What counts is to hear the word, and not how soon.
const MARKS_WITHIN_MS = 10_000;
const NO_WORD = "Select a word or a few words of a paragraph first: a rule is for those.";
const NOT_SPOKEN = "None of this is read aloud.";
const NOT_SAVED = "This could not be saved. Is there a connection? Try again in a moment.";
const SIGNED_OUT = "This could not be saved: you may be signed out. Reload the page to go on.";
const KEPT = "Saved. Nothing else is said in this paragraph by it: is the word spelled as there?";
const SOON = "Saved. It is said so in a moment.";

/** A word that was heard wrong: a dialog to write how it is said, and to hear it again. */
export class Pronouncing {
  #dialog;
  #form;
  #said;
  #player;
  #playlist;
  #blocks;
  #chapters;
  #revisions;
  #expected;
  #token;
  #toast;
  #passage = null;
  #saved = "";

  constructor({ dialog, player, playlist, blocks, chapters, revisions, token, toast }) {
    this.#dialog = dialog;
    this.#form = dialog.querySelector("form");
    this.#said = dialog.querySelector("#say-said");
    this.#player = player;
    this.#playlist = playlist;
    this.#blocks = blocks;
    this.#chapters = chapters;
    this.#revisions = revisions;
    this.#expected = new Expected(revisions);
    this.#token = token;
    this.#toast = toast;
    dialog.querySelector("#say-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.querySelector("#say-again").addEventListener("click", () => this.#sayAgain());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  /** Ask how a passage is said; throws an error in words if it is none, or not of a few words. */
  open(passage) {
    const idx = passage?.block_idx;
    const language = passage ? this.#blocks.language(idx) : "";
    const words = passage && wholeWords(passage, this.#blocks.text(idx), language);
    if (!words || words.end - words.start > MOST_LETTERS) throw new Error(NO_WORD);
    if (!this.#playlist.all.some((block) => block.idx === idx)) throw new Error(NOT_SPOKEN);
    this.#player.pause();
    this.#passage = words;
    const { word, say } = this.#form.elements;
    word.value = this.#blocks.text(idx).slice(words.start, words.end).replace(/\s+/g, " ");
    say.value = "";
    this.#offerLanguages(this.#blocks.element(idx)?.lang ?? "");
    this.#saved = "";
    this.#tell("");
    this.#dialog.showModal();
    say.focus();
  }

  /** A rule holds in the language of the paragraph, if that is known, or in all. */
  #offerLanguages(language) {
    const base = language.split("-")[0].toLowerCase();
    const name = base && languageName(base);
    const options = [new Option("In all languages", "")];
    if (name) options.unshift(new Option(`In ${name}`, base));
    this.#form.elements.language.replaceChildren(...options);
  }

  #sayAgain() {
    if (this.#form.elements.say.value.trim() === "" || this.#values() === this.#saved) this.#play();
    else this.#form.requestSubmit(); // It is heard when it is saved.
  }

  async #save() {
    const values = this.#values();
    const passage = this.#passage;
    const { block_idx: idx } = passage;
    const word = this.#form.elements.word.value;
    this.#tell("Saving…");
    this.#expected.expect(idx);
    const answer = await this.#post(values, idx);
    this.#expected.expect(idx, answer.revision ?? 0);
    if (passage !== this.#passage) {
      // The dialog is about another word by now.
      if (answer.error) this.#toast.show(`“${word}”: ${answer.error}`);
      return;
    }
    if (answer.error) {
      this.#tell(answer.error, true);
      return;
    }
    this.#saved = values;
    if (answer.changed) {
      this.#tell(SOON);
      const isRenewed = await this.#renewed(answer.revision);
      if (!isRenewed || passage !== this.#passage) return;
    }
    this.#tell(answer.changed ? "Saved." : KEPT);
    if (this.#dialog.open) this.#play();
  }

  #values() {
    /** @type {any} words: there is no file among them */
    const fields = new FormData(this.#form);
    return new URLSearchParams(fields).toString();
  }

  async #post(values, idx) {
    try {
      const response = await fetch(this.#form.action.replace("/0/", `/${idx}/`), {
        method: "POST",
        headers: { "X-CSRFToken": this.#token, "Content-Type": "application/x-www-form-urlencoded" },
        body: values,
      });
      if (response.ok && !response.redirected) return await response.json();
      if (response.status !== 400) return { error: response.status < 500 ? SIGNED_OUT : NOT_SAVED };
      const { errors } = await response.json();
      return { error: Object.values(errors).flat().join(" ") };
    } catch {
      return { error: NOT_SAVED };
    }
  }

  /** Whether the page has the new text by now, or gets it soon. */
  #renewed(revision) {
    if (this.#revisions.revision >= revision) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), RENEWED_WITHIN_MS);
      const look = () => {
        if (this.#revisions.revision < revision) return;
        this.#revisions.removeEventListener("renewed", look);
        clearTimeout(timer);
        resolve(true);
      };
      this.#revisions.addEventListener("renewed", look);
    });
  }

  /** Hear the words, and read on from there. */
  #play() {
    const { block_idx: idx, start } = this.#passage;
    this.#chapters.unfoldAround(idx);
    const spans = this.#blocks.spans(idx);
    const offset = shownToSpoken(spans, start);
    const ranges = this.#blocks.sentences(idx);
    const share = shareBefore(ranges, offset);
    this.#player.playFrom(idx, { offset, share, withinMs: MARKS_WITHIN_MS });
  }

  #tell(text, isBad = false) {
    this.#said.textContent = text;
    this.#said.dataset.tone = isBad ? "trouble" : "";
  }
}
