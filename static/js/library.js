import { bringIn } from "./library/bringing_in.js";
import { takePastes } from "./library/pasting.js";
import { Selecting } from "./library/selecting.js";
import { Shelf } from "./library/shelf.js";
import { atEnd } from "./life.js";
import { onPage } from "./pages.js";

const TYPING_MS = 350;
const NAME_LENGTH = 80;

onPage("#shelf", open);

/** Make the library do what its forms alone cannot. */
function open() {
  const shelf = new Shelf();
  const arrivals = bringIn();
  const selecting = new Selecting({
    form: document.getElementById("several"),
    list: () => document.getElementById("shelf"),
  });
  const sift = /** @type {HTMLFormElement} */ (document.getElementById("sift"));
  let typing = null;
  atEnd(() => clearTimeout(typing));

  shelf.addEventListener("put", () => selecting.renew());
  arrivals.addEventListener("changed", ({ detail: { arrival } }) => {
    if (arrival.state === "done") shelf.refresh();
  });
  takePastes({
    takeFiles: (files) => files.forEach((file) => arrivals.addFile(file)),
    takeAddress: (address) => arrivals.addAddress(address),
    takeText: (text) => arrivals.offerText(text, `“${shortened(text)}”`),
  });
  sift.classList.add("sift--live");
  sift.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  sift.addEventListener("input", (event) => {
    clearTimeout(typing);
    const { type } = /** @type {HTMLInputElement} */ (event.target);
    typing = setTimeout(show, type === "search" ? TYPING_MS : 0);
  });

  /** Show what the fields say; the address says it too, for reloading and going back. */
  function show() {
    clearTimeout(typing);
    /** @type {Iterable<any>} pairs of words: there is no file among them */
    const fields = new FormData(sift);
    const chosen = [...fields].filter(([name, value]) => {
      return value.trim() !== "" && !(name === "sort" && value === "added");
    });
    const query = new URLSearchParams(chosen).toString();
    history.replaceState(history.state, "", query ? `?${query}` : location.pathname);
    shelf.refresh();
  }
}

function shortened(text) {
  const line = text.replace(/\s+/g, " ");
  return line.length > NAME_LENGTH ? `${line.slice(0, NAME_LENGTH).trimEnd()}…` : line;
}
