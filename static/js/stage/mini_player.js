const TOLD_FOR_MS = 8_000;
const WORDS = {
  "loading": "Loading…",
  "waiting": "The voice is getting ready…",
  "playing": "Playing",
  "paused": "Paused",
  "needs-gesture": "Press play to go on",
  "failed": "This part could not be played",
  "ended": "Heard to its end",
};

/**
 * A small player at the foot of other pages, of the reading page that is put aside; and the words in
 * which those who cannot see it hear that another page is shown.
 *
 * Event: stop, when nothing is to be heard any more.
 */
export class MiniPlayer extends EventTarget {
  #bar = element("section", { className: "mini", ariaLabel: "Player", hidden: true });
  #key = element("button", { type: "button", className: "button button--main button--play" });
  #title = element("a", { className: "mini__title", dir: "auto" });
  #words = element("p", { className: "mini__words", role: "status" });
  #stop = element("button", { type: "button", className: "button button--bare", textContent: "Stop" });
  #told = element("p", { className: "unseen", role: "status" });
  #timer = null;
  #page = null;
  #life = new AbortController();

  constructor() {
    super();
    this.#stop.ariaLabel = "Stop playing";
    const said = element("div", { className: "mini__said" });
    said.append(this.#title, this.#words);
    this.#bar.append(this.#key, said, this.#stop);
    document.body.append(this.#bar, this.#told);
    this.#key.addEventListener("click", () => this.#page.player.toggle());
    this.#stop.addEventListener("click", () => {
      this.dispatchEvent(new Event("stop"));
      document.querySelector("main").focus();
    });
  }

  /** Be the player of this page; of none with null. */
  show(page) {
    if (page !== this.#page) {
      this.#life.abort();
      this.#life = new AbortController();
      const { signal } = this.#life;
      page?.player.addEventListener("state", () => this.#look(), { signal });
    }
    this.#page = page;
    this.#bar.hidden = page === null;
    document.documentElement.classList.toggle("has-mini", page !== null);
    if (page === null) return;
    // The two pictures of its own button, of which one is shown.
    const pictures = page.root.querySelector("#play").children;
    this.#key.replaceChildren(...Array.from(pictures, (picture) => picture.cloneNode(true)));
    this.#title.href = new URL(page.address).pathname;
    this.#title.textContent = page.root.querySelector("#title").textContent;
    this.#look();
  }

  /** Say something to those who hear the page. */
  announce(words) {
    clearTimeout(this.#timer);
    this.#told.className = "unseen";
    this.#told.textContent = words;
  }

  /** Say something to all, for a while. */
  tell(words) {
    this.announce(words);
    this.#told.className = "mini__told";
    this.#timer = setTimeout(() => this.announce(""), TOLD_FOR_MS);
  }

  #look() {
    const { state, wantsSound } = this.#page.player;
    this.#bar.dataset.playing = String(wantsSound);
    this.#key.ariaLabel = wantsSound ? "Pause" : "Play";
    this.#words.textContent = WORDS[state] ?? "";
  }
}

const element = (name, properties) => Object.assign(document.createElement(name), properties);
