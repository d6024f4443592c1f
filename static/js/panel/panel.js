import { listen } from "../life.js";

/**
 * What can be opened beside the text, one part at a time: contents, search, annotations, look, about.
 *
 * Events: opened {name}, closed {name}.
 */
export class Panel extends EventTarget {
  #root;
  #buttons;
  #name = null;

  /** `buttons`: those with a `data-panel`; the part `x` is the element `panel-x`. */
  constructor({ root, buttons }) {
    super();
    this.#root = root;
    this.#buttons = [...buttons];
    for (const button of this.#buttons) {
      const { panel } = button.dataset;
      button.addEventListener("click", () => {
        if (this.#name === panel) this.close();
        else this.open(panel);
      });
    }
    root.querySelector("#panel-close").addEventListener("click", () => this.close());
    listen(document, "keydown", (event) => {
      if (event.key !== "Escape" || this.#name === null || isForAnother(event)) return;
      event.preventDefault();
      this.close();
    });
  }

  /** The part that is open, or null. */
  get name() {
    return this.#name;
  }

  open(name) {
    const was = this.#name;
    this.#show(name);
    if (was !== null && was !== name) this.#tell("closed", was);
    if (was !== name) this.#tell("opened", name);
  }

  /** Close it; the focus goes back to its button if it was inside. */
  close() {
    const was = this.#name;
    if (was === null) return;
    const hadFocus = this.#root.contains(document.activeElement);
    this.#show(null);
    if (hadFocus) this.#buttons.find(({ dataset }) => dataset.panel === was)?.focus();
    this.#tell("closed", was);
  }

  #show(name) {
    this.#name = name;
    this.#root.hidden = name === null;
    document.body.classList.toggle("has-panel", name !== null);
    for (const part of this.#root.querySelectorAll(".panel__part")) {
      part.hidden = part.id !== `panel-${name}`;
    }
    for (const button of this.#buttons) {
      button.ariaExpanded = String(button.dataset.panel === name);
    }
  }

  #tell(type, name) {
    this.dispatchEvent(new CustomEvent(type, { detail: { name } }));
  }
}

/** Whether something that lies over the page, or a selection, is what is to be left. */
function isForAnother({ defaultPrevented, target }) {
  if (defaultPrevented || document.querySelector("dialog[open], :popover-open")) return true;
  if (target.closest("#selection-bar")) return true;
  return target === document.body && getSelection()?.isCollapsed === false;
}
