import { whenShown } from "../life.js";
import { fold, occurrences, surroundings } from "./find.js";
import { Letters } from "./highlight.js";

const SOON_MS = 150;
const MOST_LISTED = 200;

/** The search in the document: what was found, in a list and in the text. */
export class Search {
  #blocks;
  #goTo;
  #words;
  #count;
  #list;
  #found = [];
  #at = -1;
  #timer = null;
  #lamps = ["found", "found-now"].map(lamp);

  /** `goTo(idx)` brings a block into view. */
  constructor({ root, panel, blocks, goTo }) {
    const find = (id) => root.querySelector(`#${id}`);
    this.#blocks = blocks;
    this.#goTo = goTo;
    this.#words = find("search-words");
    this.#count = find("search-count");
    this.#list = find("search-found");
    this.#words.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), SOON_MS);
    });
    this.#words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#step(event.shiftKey ? -1 : 1);
    });
    find("search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#step(Number(event.submitter?.value ?? 1));
    });
    this.#list.addEventListener("click", ({ target }) => {
      const at = target.closest("button")?.value;
      if (at !== undefined) this.#show(Number(at));
    });
    panel.addEventListener("opened", ({ detail: { name } }) => {
      if (name !== "search") return;
      this.#words.focus();
      this.#words.select();
      this.#light();
    });
    panel.addEventListener("closed", ({ detail: { name } }) => {
      if (name === "search") for (const each of this.#lamps) each?.clear();
    });
    blocks.addEventListener("drawn", () => this.#light());
  }

  #look() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#found = occurrences(this.#words.value, this.#texts());
    this.#at = -1;
    const items = this.#found.slice(0, MOST_LISTED).map((found, n) => this.#item(found, n));
    this.#list.replaceChildren(...items);
    this.#tell();
    this.#light();
  }

  *#texts() {
    for (let idx = 0; idx < this.#blocks.size; idx += 1) yield [idx, this.#blocks.text(idx)];
  }

  #item([idx, start, end], n) {
    const [before, words, after] = surroundings(this.#blocks.text(idx), start, end);
    const item = document.createElement("li");
    const button = document.createElement("button");
    const mark = document.createElement("mark");
    mark.textContent = words;
    Object.assign(button, { type: "button", value: n, className: "search__hit", dir: "auto" });
    button.append(before, mark, after);
    item.append(button);
    return item;
  }

  #step(by) {
    if (this.#timer !== null) this.#look();
    const count = this.#found.length;
    if (count > 0) this.#show((Math.max(this.#at, by < 0 ? 0 : -1) + by + count) % count);
  }

  async #show(at) {
    this.#at = at;
    const [idx] = this.#found[at];
    this.#tell();
    for (const button of this.#list.querySelectorAll("button")) {
      button.ariaCurrent = String(Number(button.value) === at);
    }
    await this.#goTo(idx);
    this.#light();
  }

  #tell() {
    const count = this.#found.length;
    let text = "";
    if (this.#at >= 0) text = `${this.#at + 1} of ${count}`;
    else if (fold(this.#words.value).trim() !== "") {
      text = count === 0 ? "Nothing found." : `${count} found`;
    }
    this.#count.textContent = text;
  }

  /** Light what was found in the blocks that are drawn. */
  #light() {
    const [all, now] = this.#lamps;
    all?.clear();
    now?.clear();
    if (!all || this.#words.offsetParent === null) return;
    const letters = new Map();
    this.#found.forEach(([idx, start, end], n) => {
      const body = this.#blocks.body(idx);
      if (body === null) return;
      if (!letters.has(idx)) letters.set(idx, new Letters(body));
      const range = letters.get(idx).range(start, end);
      if (range !== null) (n === this.#at ? now : all).add(range);
    });
  }
}

function lamp(name) {
  if (!("highlights" in CSS)) return null;
  const highlight = new Highlight();
  whenShown(() => CSS.highlights.set(name, highlight));
  return highlight;
}
