import { listen } from "../life.js";
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
  listen(globalThis, "beforeunload", (event) => {
    if (arrivals.isBusy) event.preventDefault();
  });
  return arrivals;
}
