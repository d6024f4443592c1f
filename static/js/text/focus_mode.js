import { whenShown } from "../life.js";

const KEY = "focus-mode";

/** Dims all but the block being read; kept in this browser. */
export class FocusMode {
  #buttons;
  #say;

  /** `say(text)` tells of a change that was not made by pressing a button. */
  constructor({ buttons, say }) {
    this.#buttons = [...buttons];
    this.#say = say;
    for (const button of this.#buttons) {
      button.addEventListener("click", () => this.#set(!this.isOn));
    }
    whenShown(() => this.#show(kept() === "on"));
  }

  get isOn() {
    return document.body.classList.contains("is-focused");
  }

  toggle() {
    this.#set(!this.isOn);
    this.#say(this.isOn ? "Focus is on: only what is read stands out." : "Focus is off.");
  }

  #set(isOn) {
    this.#show(isOn);
    try {
      localStorage.setItem(KEY, isOn ? "on" : "off");
    } catch {
      // A browser that keeps nothing: it holds on this page.
    }
  }

  #show(isOn) {
    document.body.classList.toggle("is-focused", isOn);
    for (const button of this.#buttons) button.ariaPressed = String(isOn);
  }
}

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
