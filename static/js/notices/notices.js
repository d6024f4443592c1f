const SHOWN_MS = 15_000;

/** Notices over the player: one of a kind at a time, with something to press where that helps. */
export class Notices {
  #root;
  #shown = new Map();

  constructor(root) {
    this.#root = root;
  }

  /**
   * Show a notice in place of the last of its kind; `stays` until it is hidden or dismissed. `dismiss`
   * is called when the person dismisses it.
   *
   * @param {{kind: string, text: string, bad?: boolean, stays?: boolean, action?: any,
   *   dismiss?: () => void}} notice
   */
  show({ kind, text, bad = false, stays = false, action = null, dismiss }) {
    this.hide(kind);
    const notice = document.createElement("div");
    notice.className = bad ? "notice notice--bad" : "notice";
    notice.dataset.kind = kind;
    const words = document.createElement("p");
    words.textContent = text;
    const keys = document.createElement("div");
    keys.className = "notice__keys";
    if (action !== null) {
      keys.append(this.#button(action.label, kind, action.run));
    }
    keys.append(this.#button("Dismiss", kind, dismiss));
    notice.append(words, keys);
    this.#root.append(notice);
    const timer = stays ? null : setTimeout(() => this.hide(kind), SHOWN_MS);
    this.#shown.set(kind, { notice, timer });
  }

  hide(kind) {
    const shown = this.#shown.get(kind);
    if (shown === undefined) return;
    this.#shown.delete(kind);
    clearTimeout(shown.timer);
    shown.notice.remove();
  }

  #button(label, kind, run = () => {}) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--bare";
    button.textContent = label;
    button.addEventListener("click", () => {
      this.hide(kind);
      run();
    });
    return button;
  }
}
