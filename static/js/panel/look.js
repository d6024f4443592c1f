const FIRST = { theme: "system", face: "serif", size: "100", line: "168", measure: "66", spacing: "0" };
const SHOWN = {
  size: (value) => `${value} %`,
  line: (value) => (value / 100).toFixed(2),
  measure: (value) => `${value} letters`,
  spacing: (value) => (value === 0 ? "usual" : `+ ${value} %`),
};

/** The look of the page: colours, typeface, size, distances. It changes at once and is kept. */
export class Look {
  #form;
  #html = document.documentElement;
  #saver;

  /** `saver` saves what was chosen. */
  constructor({ form, saver }) {
    this.#form = form;
    this.#saver = saver;
    form.addEventListener("change", ({ target }) => this.#choose(target, target.value));
    form.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-steps] button");
      if (button !== null) this.#step(button.parentElement, Number(button.value));
    });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      this.#reset();
    });
    this.#show();
  }

  #step(group, by) {
    const steps = group.dataset.steps.split(" ");
    const at = steps.indexOf(this.#html.dataset[group.dataset.attribute]);
    const value = steps[at + by];
    if (value !== undefined) this.#choose(group, value);
  }

  #choose({ name, dataset }, value) {
    this.#html.dataset[dataset.attribute] = value;
    this.#saver.save({ [name || dataset.name]: value });
    this.#show();
  }

  #reset() {
    for (const control of this.#form.querySelectorAll("[data-attribute]")) {
      this.#choose(control, FIRST[control.dataset.attribute]);
    }
  }

  #show() {
    const chosen = this.#html.dataset;
    for (const input of this.#form.querySelectorAll("input")) {
      input.checked = chosen[input.dataset.attribute] === input.value;
    }
    for (const group of this.#form.querySelectorAll("[data-steps]")) {
      const { attribute, steps } = group.dataset;
      const text = SHOWN[attribute](Number(chosen[attribute]));
      const [less, more] = group.querySelectorAll("button");
      const output = group.querySelector("output");
      if (output.textContent !== text) output.textContent = text;
      less.ariaDisabled = String(steps.split(" ")[0] === chosen[attribute]);
      more.ariaDisabled = String(steps.split(" ").at(-1) === chosen[attribute]);
    }
  }
}
