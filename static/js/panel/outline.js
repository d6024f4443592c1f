import { minutes } from "./outline_lines.js";

const REFRESH_MS = 5_000;
const SHARES_SHOWN_FROM = 0.005;

/**
 * The contents beside the text: how long each chapter lasts, where one is, what is skipped.
 *
 * Lines get what belongs to them when the panel is opened, and are kept up to date while it is.
 * Event: went {idx}, when the person went to a chapter.
 */
export class Outline extends EventTarget {
  #root;
  #player;
  #chapters;
  #ready;
  #said;
  #lines = []; // {chapter, item, link, time, bar, button}
  #current = null;
  #isOpen = false;
  #timer = null;

  /** `root`: the part of the panel; the chapters are made of what `readOutline` returns. */
  constructor({ root, player, chapters, ready, panel }) {
    super();
    this.#root = root;
    this.#player = player;
    this.#chapters = chapters;
    this.#ready = ready;
    this.#said = root.querySelector("#outline-said");
    if (chapters.list.length === 0) return;
    this.#lines = chapters.list.map((chapter) => ({ chapter, item: chapter.entry.item }));
    root.querySelector("#outline").addEventListener("click", (event) => this.#onPress(event));
    for (const where of ["previous", "next"]) {
      root.querySelector(`#chapter-${where}`).addEventListener("click", () => this.#step(where));
    }
    panel.addEventListener("opened", ({ detail }) => detail.name === "contents" && this.#open());
    panel.addEventListener("closed", ({ detail }) => detail.name === "contents" && this.#close());
    player.addEventListener("block", () => this.#isOpen && this.#showPlace());
    player.addEventListener("speed", () => this.#isOpen && this.#showAll());
    chapters.addEventListener("change", () => this.#isOpen && this.#showAll());
  }

  #open() {
    this.#isOpen = true;
    for (const line of this.#lines) if (line.link === undefined) furnish(line);
    this.#showAll();
    const item = this.#lines[this.#current]?.item;
    const panel = this.#root.closest(".panel");
    if (item) panel.scrollTop = item.offsetTop - panel.clientHeight / 3;
  }

  #close() {
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }

  #onPress(event) {
    const line = this.#lines.find(({ item }) => item.contains(event.target));
    if (line === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (line.button.contains(event.target)) this.#fold(line);
    else if (line.link.contains(event.target)) {
      event.preventDefault();
      this.#goTo(line.chapter.first);
    }
  }

  #fold({ chapter, isFolded }) {
    if (this.#chapters.fold(chapter.first, !isFolded)) {
      this.#said.textContent = isFolded
        ? `“${chapter.title}” is read.`
        : `“${chapter.title}” is skipped.`;
    } else {
      this.#said.textContent = "Without this chapter nothing would be left to read.";
    }
  }

  #step(where) {
    const idx = this.#player.idx === null ? null : this.#chapters[where](this.#player.idx);
    if (idx !== null) this.#goTo(idx);
  }

  #goTo(idx) {
    this.#chapters.unfoldAround(idx);
    const heard = this.#chapters.heardFrom(idx);
    if (heard !== null) this.#player.goTo(heard);
    this.dispatchEvent(new CustomEvent("went", { detail: { idx } }));
  }

  #showAll() {
    const skipped = this.#chapters.skipped;
    const folded = new Set(this.#chapters.folded);
    let at = 0;
    for (const line of this.#lines) {
      const { first, last, title } = line.chapter;
      while (skipped[at] && skipped[at][1] < first) at += 1;
      const isSkipped = skipped[at] !== undefined && skipped[at][0] <= first;
      line.isFolded = folded.has(first);
      line.item.classList.toggle("outline__entry--skipped", isSkipped);
      const words = minutes(this.#ready.between(first, last) / this.#player.speed);
      setText(line.time, isSkipped ? `skipped, ${words}` : words);
      setText(line.button, line.isFolded ? "Read" : "Skip");
      line.button.ariaLabel = `${line.isFolded ? "Read" : "Skip"} “${title}”`;
      // What is in a skipped chapter is read with it, or not.
      line.button.hidden = isSkipped && !line.isFolded;
    }
    this.#showPlace();
  }

  #showPlace() {
    clearTimeout(this.#timer);
    const { idx, positionMs } = this.#player;
    const current = idx === null ? -1 : this.#chapters.at(idx);
    if (current !== this.#current) {
      this.#lines[this.#current]?.link?.removeAttribute("aria-current");
      this.#lines[current]?.link.setAttribute("aria-current", "location");
      this.#current = current;
    }
    this.#lines.forEach((line) => this.#showShare(line, idx, positionMs));
    this.#timer = setTimeout(() => this.#showAll(), REFRESH_MS);
  }

  /** How much of a chapter lies behind: what is before it and after it is told without sums. */
  #showShare(line, idx, positionMs) {
    const { first, last } = line.chapter;
    let share = idx !== null && last < idx ? 1 : 0;
    if (idx !== null && first <= idx && idx <= last) {
      const within = Math.min(positionMs, this.#ready.durationMs(idx));
      share = (this.#ready.between(first, idx - 1) + within) / (this.#ready.between(first, last) || 1);
    }
    const shown = share < SHARES_SHOWN_FROM ? "0" : share.toFixed(3);
    if (line.share === shown) return;
    line.share = shown;
    line.bar.style.setProperty("--share", shown);
    setText(line.heard, share < SHARES_SHOWN_FROM ? "" : `, ${Math.floor(share * 100)} % heard`);
  }
}

/** Give a line of the contents its time, its bar and its button. */
function furnish(line) {
  const { item } = line;
  const make = (name, className) => Object.assign(document.createElement(name), { className });
  line.link = item.querySelector("a");
  line.time = make("span", "outline__time");
  line.heard = make("span", "unseen");
  line.bar = make("span", "outline__share");
  line.button = make("button", "outline__fold link-button");
  line.button.type = "button";
  line.link.append(line.time, line.heard);
  item.append(line.button, line.bar);
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
