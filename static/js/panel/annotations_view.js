import { inTurn } from "../in_turn.js";
import { atEnd, listen } from "../life.js";

const KEPT_AFTER_MS = 1_000;

/**
 * The list of what is marked, with its notes.
 *
 * Event: act {name, one}, when a person wants to "go", "hear" or "delete".
 */
export class AnnotationsView extends EventTarget {
  #annotations;
  #chapterOf;
  #list;
  #blank;
  #blankWords;
  #export;
  #template;
  #items = new Map();

  constructor({ annotations, chapterOf, root }) {
    super();
    this.#annotations = annotations;
    this.#chapterOf = chapterOf;
    const find = (id) => root.querySelector(`#${id}`);
    this.#list = find("annotations");
    this.#blank = find("annotations-blank");
    this.#blankWords = this.#blank.textContent;
    this.#export = find("annotations-export");
    this.#template = find("annotation-template");
    annotations.addEventListener("change", () => this.#show());
    const keepAll = () => {
      for (const item of this.#items.values()) item.keepNote({ keepalive: true });
    };
    listen(globalThis, "pagehide", keepAll, { away: true });
    atEnd(keepAll);
  }

  /** Bring one into view, with the focus on it or on its note. */
  reveal(id, { note = false } = {}) {
    this.#items.get(id)?.reveal(note);
  }

  /** Say why there are none, if not because nothing was marked yet. */
  sayBlank(words = this.#blankWords) {
    this.#blank.textContent = words;
  }

  #show() {
    const { all } = this.#annotations;
    const gone = new Map(this.#items);
    let chapter = null;
    for (const [at, one] of all.entries()) {
      if (!this.#items.has(one.id)) this.#items.set(one.id, this.#make(one));
      gone.delete(one.id);
      const item = this.#items.get(one.id);
      const its = this.#chapterOf(one.block_idx);
      item.show(one, its === chapter ? "" : its);
      chapter = its;
      // Whatever is in its place already stays, and the focus with it.
      const there = this.#list.children[at] ?? null;
      if (there !== item.element) this.#list.insertBefore(item.element, there);
    }
    for (const [id, { element }] of gone) {
      const next = element.nextElementSibling ?? element.previousElementSibling;
      if (element.contains(document.activeElement)) next?.querySelector("button").focus();
      element.remove();
      this.#items.delete(id);
    }
    this.#blank.hidden = all.length > 0;
    this.#export.hidden = all.length === 0;
  }

  #make(one) {
    return new Item({
      element: this.#template.content.firstElementChild.cloneNode(true),
      keep: (note, options) => this.#annotations.changeNote(one.id, note, options),
      act: (name) => {
        const now = this.#annotations.all.find(({ id }) => id === one.id);
        if (now) this.dispatchEvent(new CustomEvent("act", { detail: { name, one: now } }));
      },
    });
  }
}

/** One line of the list. */
class Item {
  element;
  #keep;
  #part;
  #note;
  #said;
  #kept = "";
  #isNewer = false; // what is written here, than what is kept
  #inTurn = inTurn();
  #timer = null;

  constructor({ element, keep, act }) {
    this.element = element;
    this.#keep = keep;
    this.#part = (name) => element.querySelector(`.annotation__${name}`);
    this.#note = this.#part("note");
    this.#said = this.#part("said");
    element.addEventListener("click", async ({ target }) => {
      const name = target.closest("[data-act]")?.dataset.act;
      // What is brought back has its last words.
      if (name === "delete") await this.keepNote();
      if (name === "note") this.reveal(true);
      else if (name) act(name);
    });
    this.#note.addEventListener("input", () => {
      this.#isNewer = true;
      this.#say("");
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.keepNote(), KEPT_AFTER_MS);
    });
    this.#note.addEventListener("change", () => this.keepNote());
  }

  show({ kind, quote, note }, chapter) {
    this.element.dataset.kind = kind;
    this.#part("chapter").textContent = chapter;
    this.#part("chapter").hidden = chapter === "";
    this.#part("kind").textContent = kind === "bookmark" ? "Bookmark:" : "Highlight:";
    this.#part("quote").textContent = quote || "This place";
    if (!this.#isNewer && note !== this.#kept) this.#note.value = note;
    this.#kept = note;
    if (note !== "") this.#unfold();
  }

  reveal(note) {
    if (note) this.#unfold();
    const goal = note ? this.#note : this.#part("go");
    goal.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** Send what is written, after what was sent before; at once (`keepalive`) where the page is left. */
  async keepNote({ keepalive = false } = {}) {
    clearTimeout(this.#timer);
    if (keepalive) await this.#send(true);
    else await this.#inTurn(() => this.#send(false));
  }

  async #send(keepalive) {
    if (!this.#isNewer) return;
    const note = this.#note.value;
    // While something else is under way it is not known yet what is kept.
    if (!keepalive && note.trim() === this.#kept) {
      this.#isNewer = false;
      return;
    }
    this.#say("Saving…");
    try {
      await this.#keep(note, { keepalive });
      if (this.#note.value !== note) return;
      this.#isNewer = false;
      this.#say("Saved.");
    } catch ({ message }) {
      this.#kept = null; // It may have been kept all the same.
      this.#say(message, true);
    }
  }

  #unfold() {
    this.#part("writing").hidden = false;
    this.#part("add").hidden = true;
  }

  #say(text, bad = false) {
    this.#said.textContent = text;
    this.#said.dataset.tone = bad ? "trouble" : "";
  }
}
