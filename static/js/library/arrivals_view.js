const WORDS = {
  asking: "Bring in this text?",
  waiting: "Waits for its turn",
  done: "In your library",
};

/** A row for each thing on its way: its name, how far it is, what came of it, what one can do. */
export class ArrivalsView {
  #arrivals;
  #root;
  #list;
  #status;
  #template;
  #rows = new Map();

  constructor({ arrivals, root, template }) {
    this.#arrivals = arrivals;
    this.#root = root;
    this.#list = root.querySelector(".arrivals__list");
    this.#status = root.querySelector("[role=status]");
    this.#template = template;
    arrivals.addEventListener("changed", ({ detail }) => this.#show(detail.arrival));
  }

  #show(arrival) {
    if (arrival.state === "gone") {
      this.#remove(arrival);
      return;
    }
    const row = this.#rows.get(arrival) ?? this.#add(arrival);
    const bar = row.querySelector("progress");
    bar.hidden = arrival.state !== "sending" && arrival.state !== "waiting";
    if (arrival.state === "sending" && arrival.sent >= 1) bar.removeAttribute("value");
    else bar.value = arrival.sent;
    row.querySelector(".arrival__state").textContent = wordsOf(arrival);
    if (row.dataset.state === arrival.state) return;
    const hadFocus = row.contains(document.activeElement);
    row.dataset.state = arrival.state;
    row.querySelector(".arrival__name").replaceChildren(nameOf(arrival));
    row.querySelector(".arrival__keys").replaceChildren(...this.#keys(arrival));
    if (hadFocus) row.querySelector("a, button")?.focus();
    if (["asking", "done", "failed"].includes(arrival.state)) {
      this.#status.textContent = `${arrival.title || arrival.name}: ${wordsOf(arrival)}`;
    }
  }

  #add(arrival) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.querySelector("progress").ariaLabel = `${arrival.name}: sent`;
    this.#rows.set(arrival, row);
    this.#list.append(row);
    this.#root.hidden = false;
    return row;
  }

  #remove(arrival) {
    const row = this.#rows.get(arrival);
    if (row === undefined) return;
    const hadFocus = row.contains(document.activeElement);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    this.#rows.delete(arrival);
    row.remove();
    this.#root.hidden = this.#rows.size === 0;
    if (hadFocus) next?.querySelector("a, button")?.focus();
  }

  #keys(arrival) {
    const { state, known, mayRetry } = arrival;
    const keys = [];
    if (state === "asking") {
      keys.push(button("Bring it in", () => this.#arrivals.confirm(arrival), "button--main"));
    }
    if (state === "failed" && known !== null) {
      keys.push(link("Open it", known.url, "button"));
      const again = "url" in arrival.fields ? "Fetch it anew" : "Bring in again";
      keys.push(button(again, () => this.#arrivals.retry(arrival, { again: true })));
    }
    if (state === "failed" && mayRetry) {
      keys.push(button("Try again", () => this.#arrivals.retry(arrival)));
    }
    const label = { asking: "No", waiting: "Cancel", sending: "Cancel" }[state] ?? "Dismiss";
    const dismiss = button(label, () => this.#arrivals.dismiss(arrival), "button--bare");
    dismiss.ariaLabel = `${label}: ${arrival.name}`;
    return [...keys, dismiss];
  }
}

function wordsOf({ state, sent, error, fields }) {
  if (state === "failed") return error;
  // Nothing of an address has been seen yet: it may not be there, or hold nothing to read.
  if (state === "done" && "url" in fields) return "Taken up: your library shows what comes of it";
  if (state !== "sending") return WORDS[state];
  return sent >= 1 ? "Sent, and being looked at" : `${Math.floor(100 * sent)} % sent`;
}

function nameOf({ state, name, title, url }) {
  return state === "done" ? link(title || name, url) : name;
}

function link(text, href, className = "") {
  return Object.assign(document.createElement("a"), { textContent: text, href, className });
}

function button(text, press, kind = "") {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text, className: `button ${kind}` });
  made.addEventListener("click", press);
  return made;
}
