import { listen } from "../life.js";

/**
 * Documents that are selected, and what is done to all of them. A press with Shift selects all from
 * the one before. What is selected stays so while the list is put up anew.
 */
export class Selecting {
  #form;
  #list;
  #chosen = new Set();
  #last = null;

  /** `form`: what is done to them; `list()`: the element with the cards, as it is now. */
  constructor({ form, list }) {
    this.#form = form;
    this.#list = list;
    document.body.classList.add("selectable");
    listen(document, "click", (event) => {
      if (event.target.matches(".card__select input")) this.#press(event.target, event.shiftKey);
    });
    form.querySelector("#several-none").addEventListener("click", () => this.#none());
    this.renew();
  }

  /** The cards are others now: those that were selected are again, what is gone is not. */
  renew() {
    const boxes = this.#boxes();
    const there = new Set(boxes.map(({ value }) => value));
    this.#chosen = new Set([...this.#chosen].filter((uuid) => there.has(uuid)));
    for (const box of boxes) {
      if (box.checked) this.#chosen.add(box.value);
      box.checked = this.#chosen.has(box.value);
    }
    this.#show();
  }

  #press(box, isRange) {
    const boxes = this.#boxes();
    const at = boxes.indexOf(box);
    const from = isRange ? boxes.findIndex(({ value }) => value === this.#last) : -1;
    const range = from < 0 ? [box] : boxes.slice(Math.min(from, at), Math.max(from, at) + 1);
    for (const each of range) {
      each.checked = box.checked;
      this.#chosen[box.checked ? "add" : "delete"](each.value);
    }
    this.#last = box.value;
    this.#show();
  }

  #none() {
    for (const box of this.#boxes()) box.checked = false;
    this.#chosen.clear();
    this.#show();
    this.#boxes()[0]?.focus();
  }

  #show() {
    const count = this.#chosen.size;
    this.#form.hidden = count === 0;
    this.#form.querySelector(".several__count").textContent = `${count} selected`;
  }

  #boxes() {
    return [...this.#list().querySelectorAll(".card__select input")];
  }
}
