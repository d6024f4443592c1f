import { atEnd, listen } from "../life.js";

const LOOK_AGAIN_MS = 2_000;
const TOKEN = /(name="csrfmiddlewaretoken" value=")[^"]*/g;
const NOT_REACHED = "That did not get through. Look at your connection, and try again.";
const FAILED = "That did not work. Load the page again, and try once more.";

/**
 * The list of documents, kept up to date in place: the whole page is fetched anew, and what
 * changed of it is put in. So it looks as the server draws it, and nothing on its way is lost.
 *
 * Event: put, when the list is another one.
 */
export class Shelf extends EventTarget {
  #plain;
  #number = 0;
  #shown = 0;
  #done = 0; // forms
  #isWatching = false;
  #isGone = false;
  #isLate = false; // something changed while a question was open

  constructor() {
    super();
    this.#plain = plain(shelf());
    nameLanguages(shelf());
    listen(document, "submit", (event) => {
      if (!event.target.matches("form[data-shelf]")) return;
      event.preventDefault();
      this.#send(event.target, event.submitter);
    });
    listen(document, "toggle", () => this.#isLate && this.refresh(), { capture: true });
    listen(globalThis, "pageshow", ({ persisted }) => persisted && this.refresh());
    atEnd(() => (this.#isGone = true));
    dressMessages();
    this.#watch();
  }

  /** Look again. */
  async refresh() {
    const number = ++this.#number;
    if (this.#isGone) return;
    try {
      const response = await fetch(location.href);
      if (response.ok && !response.redirected) this.#put(await parsed(response), number);
    } catch {
      // No connection for the moment: the next look may have one.
    }
  }

  /** Carry out what a form asks for, and show the library as it is then. */
  async #send(form, submitter) {
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const card = form.closest(".card")?.id ?? cardOf(form.action);
    const popover = form.closest("[popover]");
    const done = this.#done;
    try {
      const body = new FormData(form, submitter);
      const response = await fetch(form.action, { method: "POST", body });
      if (new URL(response.url).pathname.includes("/accounts/")) return location.reload();
      const page = await parsed(response);
      if (response.ok && page.getElementById("shelf")) {
        popover?.hidePopover();
        // Newer than any look that is still under way; but what another form did may not be in it.
        const isWhole = done === this.#done++;
        this.#put(page, isWhole ? ++this.#number : -1);
        if (!isWhole) await this.refresh();
        focusOn(card, popover?.id);
      } else this.#refuse(page, popover);
    } catch {
      this.#refuse(null, popover, NOT_REACHED);
    } finally {
      delete form.dataset.busy;
    }
  }

  /** Say why it was not done, where the person is. */
  #refuse(page, popover, words = "") {
    const parts = page?.querySelectorAll(".errorlist, .blank :is(h1, p)") ?? [];
    const told = words || [...parts].map((part) => part.innerText.trim()).join(". ") || FAILED;
    const error = popover?.querySelector(".ask__error");
    if (error) Object.assign(error, { textContent: told, hidden: false });
    else showMessages([message(told)]);
  }

  #put(page, number) {
    if (this.#isGone) return;
    const now = page.getElementById("shelf");
    const told = page.querySelectorAll(".messages > *");
    if (told.length > 0) showMessages(told);
    if (now === null || number < this.#shown) return;
    this.#isLate = shelf().querySelector(":popover-open") !== null;
    if (this.#isLate) return;
    this.#shown = number;
    document.getElementById("shelf-head").hidden = page.getElementById("shelf-head").hidden;
    // Once there, the search stays: it is not taken from under the person's hands.
    if (!page.getElementById("sift").hidden) document.getElementById("sift").hidden = false;
    document.getElementById("shelf-count").replaceWith(page.getElementById("shelf-count"));
    const markup = plain(now);
    if (markup !== this.#plain) {
      this.#plain = markup;
      replace(now);
      this.dispatchEvent(new Event("put"));
    }
    const places = page.getElementById("places");
    const shown = document.getElementById("places");
    const isOpen = shown.querySelector(":popover-open") !== null;
    if (!isOpen && plain(places) !== plain(shown)) shown.replaceWith(places);
    this.#watch();
  }

  /** While a document is being prepared, look again and again. */
  async #watch() {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (!this.#isGone && shelf().querySelector(".card--importing") !== null) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      if (!document.hidden) await this.refresh();
    }
    this.#isWatching = false;
  }
}

const shelf = () => document.getElementById("shelf");
const plain = (element) => element.innerHTML.replace(TOKEN, "$1");
const cardOf = (address) => `document-${address.match(/documents\/([^/]+)/)[1]}`;

async function parsed(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Put the new list in place of the old one; what has the focus keeps it. */
function replace(now) {
  const old = shelf();
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const card = focused?.closest(".card");
  const place = card && [...card.querySelectorAll("a, button")].indexOf(focused);
  /** @type {HTMLDetailsElement[]} */
  const [deleted, before] = [now, old].map((list) => list.querySelector("#discarded"));
  if (deleted) deleted.open = before?.open ?? false;
  nameLanguages(now);
  old.replaceWith(now);
  if (!card) return;
  /** @type {NodeListOf<HTMLElement> | undefined} */
  const its = document.getElementById(card.id)?.querySelectorAll("a, button");
  its?.[place]?.focus();
}

/** After a form: the button that takes it back, or the card that it was about. */
function focusOn(id, popoverId) {
  const card = document.getElementById(id);
  /** @type {HTMLElement | null} */
  const target =
    card === null
      ? document.querySelector(".messages .undo button")
      : card.querySelector(popoverId ? `[popovertarget="${popoverId}"]` : "a");
  target?.focus({ preventScroll: card === null });
}

// --- messages ------------------------------------------------------------------------------------

function showMessages(items) {
  let list = document.querySelector(".messages");
  if (list === null) {
    list = document.createElement("ul");
    list.className = "messages";
    list.ariaLive = "polite";
    document.querySelector("main").before(list);
  }
  list.replaceChildren(...items);
  dressMessages();
}

/** Each message can be put away. */
function dressMessages() {
  for (const item of document.querySelectorAll(".messages > li")) {
    const key = document.createElement("button");
    Object.assign(key, { type: "button", className: "button button--bare", textContent: "Dismiss" });
    key.addEventListener("click", () => item.remove());
    item.append(key);
  }
}

function message(text) {
  const item = document.createElement("li");
  item.className = "message message--error";
  item.textContent = text;
  return item;
}

/** Say "German" where the page says "de". */
function nameLanguages(root) {
  const names = new Intl.DisplayNames("en", { type: "language" });
  for (const element of root.querySelectorAll("[data-language]")) {
    try {
      element.textContent = names.of(element.dataset.language);
    } catch {
      // Not a tag that the browser knows: the code itself stays.
    }
  }
}
