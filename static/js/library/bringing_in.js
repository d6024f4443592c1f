import { Arrivals } from "./arrivals.js";
import { ArrivalsView } from "./arrivals_view.js";
import { takeDrops } from "./dropping.js";
import { post } from "./posting.js";

/** Have files that are dropped on this page sent, each with a row of its own. */
export function bringIn() {
  const root = document.getElementById("arrivals");
  const { url, maxMb } = root.dataset;
  const token = () => {
    /** @type {HTMLInputElement} */
    const field = document.querySelector("[name=csrfmiddlewaretoken]");
    return field.value;
  };
  const arrivals = new Arrivals({
    post: (fields, onProgress) => post({ url, token: token(), fields, onProgress }),
    maxBytes: Number(maxMb) * 1024 ** 2,
  });
  new ArrivalsView({ arrivals, root, template: document.getElementById("arrival") });
  takeDrops({
    sign: document.getElementById("drop-here"),
    take: (files) => files.forEach((file) => arrivals.addFile(file)),
  });
  askBeforeLeaving(arrivals);
  return arrivals;
}

/** Not for this page alone: what is being sent goes on while the window shows another one. */
function askBeforeLeaving(arrivals) {
  const ask = (event) => {
    if (arrivals.isBusy) event.preventDefault();
  };
  arrivals.addEventListener("changed", () => {
    if (arrivals.isBusy) globalThis.addEventListener("beforeunload", ask);
    else globalThis.removeEventListener("beforeunload", ask);
  });
}
