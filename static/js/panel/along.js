import { systemClock, Timers } from "../clock.js";

const ANSWER_WITHIN_MS = 30_000;
const LOOK_MS = 2_000;
const ESTIMATE_MS = 250;
const UNREACHABLE = "The server could not be reached. Try again in a moment.";

/**
 * "Take along": asking for a file of the document, and how far those are that are being made.
 *
 * The server draws all of it; this fetches it anew while something is under way, and keeps what is
 * being chosen meanwhile.
 */
export class Along {
  #root;
  #url;
  #timers;
  // What was asked for last: the answer to anything older comes too late. Null: nobody looks at it.
  #drawing = null;
  #estimating = null;

  /** `root`: where it is drawn; `url`: what draws it. */
  constructor({ root, url, clock = systemClock }) {
    this.#root = root;
    this.#url = url;
    this.#timers = new Timers(clock);
    root.addEventListener("submit", (event) => this.#submit(event));
    root.addEventListener("change", (event) => {
      if (event.target.closest("[data-estimate]")) this.#describe();
    });
    if (root.childElementCount > 0) this.#drawn();
  }

  /** Draw it, or how it stands now. */
  async show() {
    const drawing = (this.#drawing = {});
    try {
      const html = await fetched(this.#url);
      if (drawing === this.#drawing) this.#draw(html);
    } catch {
      if (drawing !== this.#drawing) return;
      if (this.#root.childElementCount === 0) this.#root.textContent = UNREACHABLE;
      this.#lookLater();
    }
  }

  /** Nobody looks at it any more. */
  hide() {
    this.#drawing = this.#estimating = null;
    this.#timers.clearAll();
  }

  async #submit(event) {
    const form = event.target.closest("form[data-along]");
    if (form === null) return;
    event.preventDefault();
    const { submitter } = event;
    submitter.disabled = true;
    this.#timers.clear("look"); // What looks before the answer may not see what is asked for here.
    const drawing = (this.#drawing = {});
    try {
      const body = new FormData(form, submitter);
      const html = await fetched(`${form.action}?part`, { method: "POST", body });
      if (drawing === this.#drawing) this.#draw(html);
      else if (this.#drawing !== null) this.show(); // What is newer may not have seen it either.
    } catch {
      submitter.disabled = false;
      this.#say(UNREACHABLE);
      if (drawing === this.#drawing) this.#lookOn();
    }
  }

  /** Take in what the server drew; what was chosen of the form stays. */
  #draw(html) {
    const form = this.#root.querySelector("[data-estimate]");
    const chosen = form && new FormData(form);
    const isOpen = this.#root.querySelector("details")?.open;
    const { activeElement } = document;
    const focused = this.#root.contains(activeElement) ? activeElement.id : "";
    const made = new DOMParser().parseFromString(html, "text/html");
    this.#root.replaceChildren(...made.body.childNodes);
    if (chosen) this.#choose(chosen);
    if (isOpen) this.#root.querySelector("details").open = true;
    if (focused) this.#root.querySelector(`#${focused}`)?.focus();
    this.#drawn();
  }

  #choose(chosen) {
    for (const name of ["kind", "voice"]) {
      const field = this.#root.querySelector(`[name=${name}]`);
      if (field && chosen.has(name)) field.value = chosen.get(name);
    }
    const chapters = new Set(chosen.getAll("chapter"));
    for (const box of this.#root.querySelectorAll("[name=chapter]")) {
      box.checked = chapters.has(box.value);
    }
  }

  #drawn() {
    this.#describe();
    this.#lookOn();
  }

  /** Look again while something is being made. */
  #lookOn() {
    const isMaking = '.export:is([data-status="queued"], [data-status="running"])';
    if (this.#root.querySelector(isMaking)) this.#lookLater();
    else this.#timers.clear("look");
  }

  #lookLater() {
    this.#timers.after("look", LOOK_MS, () => this.show());
  }

  /** Say what the chosen kind is good for, and about how large it will be. */
  #describe() {
    const form = this.#root.querySelector("[data-estimate]");
    if (form === null) return;
    const [kind] = form.elements.kind.selectedOptions;
    form.querySelector("#along-about").textContent = kind.dataset.about;
    form.elements.voice.disabled = kind.dataset.voice === "no";
    const estimating = (this.#estimating = {});
    this.#timers.after("estimate", ESTIMATE_MS, () => this.#estimate(form, estimating));
  }

  async #estimate(form, estimating) {
    /** @type {any} words: there is no file among them */
    const fields = new FormData(form);
    const query = new URLSearchParams(fields);
    query.delete("csrfmiddlewaretoken");
    try {
      const response = await fetch(`${form.dataset.estimate}?${query}`);
      const words = (await response.text()).trim();
      if (response.status === 200 && estimating === this.#estimating) this.#say(words);
    } catch {
      // It is told when the file is asked for.
    }
  }

  #say(words) {
    const line = this.#root.querySelector("#along-estimate");
    if (line) line.textContent = words;
  }
}

async function fetched(url, options) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}
