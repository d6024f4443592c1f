import { inTurn } from "../in_turn.js";

const ANSWER_WITHIN_MS = 10_000;

/** Puts a list into another order: by dragging, or by Alt and an arrow key; each change is sent. */
export class Reorder {
  #list;
  #told;
  #token;
  #inTurn = inTurn();
  #newest = null;
  #dragged = null;

  /** `told`: where a change is said; its address is the list's `data-url`. */
  constructor({ list, told, token }) {
    this.#list = list;
    this.#told = told;
    this.#token = token;
    list.addEventListener("dragstart", (event) => this.#begin(event));
    list.addEventListener("dragover", (event) => this.#over(event));
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", () => this.#end());
    list.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #begin(event) {
    this.#dragged = event.target.closest("li");
    this.#dragged?.classList.add("queue__item--dragged");
    event.dataTransfer.effectAllowed = "move";
  }

  #over(event) {
    const over = event.target.closest("li");
    if (this.#dragged === null || over === null) return;
    event.preventDefault();
    if (over === this.#dragged) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(this.#dragged);
    else over.after(this.#dragged);
  }

  #end() {
    this.#dragged?.classList.remove("queue__item--dragged");
    if (this.#dragged !== null) this.#changed(this.#dragged);
    this.#dragged = null;
  }

  #onKey(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const item = event.target.closest("li");
    if (!event.altKey || step === undefined || item === null) return;
    event.preventDefault();
    const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (other === null) return;
    if (step < 0) other.before(item);
    else other.after(item);
    event.target.focus();
    this.#changed(item);
  }

  #changed(item) {
    const items = [...this.#list.children];
    for (const [n, each] of items.entries()) {
      const [up, down] = each.querySelectorAll("[name=move]");
      up.disabled = n === 0;
      down.disabled = n === items.length - 1;
    }
    // One after the other, and of those that wait the newest alone: the last order is what stays.
    const change = (this.#newest = {});
    this.#inTurn(() => change === this.#newest && this.#send(item));
  }

  /** Send the order as it is now, and say where the item is in it. */
  async #send(item) {
    const items = [...this.#list.children];
    const body = new URLSearchParams(items.map(({ dataset }) => ["uuid", dataset.uuid]));
    const name = item.querySelector("a").textContent;
    let isKept = false;
    try {
      const headers = { "X-CSRFToken": this.#token };
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      isKept = (await fetch(this.#list.dataset.url, { method: "POST", headers, body, signal })).ok;
    } catch {
      // There is no connection.
    }
    this.#told.textContent = isKept
      ? `${name}: now ${items.indexOf(item) + 1} of ${items.length}.`
      : "The order could not be kept. Look at your connection, and try again.";
    this.#told.classList.toggle("unseen", isKept);
  }
}
