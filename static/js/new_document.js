import { bringIn } from "./library/bringing_in.js";
import { onPage } from "./pages.js";

const CHARACTERS_A_MINUTE = 14 * 60;
const UNITS = ["bytes", "KB", "MB", "GB"];

onPage("#new-document", help);

/** Say how long a text is and how large a file, and send several at once. */
function help() {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("new-document"));
  /** @type {any} fields by their names */
  const { text, file } = form.elements;
  const drop = document.getElementById("drop");
  const fileName = document.getElementById("file-name");
  const fileNote = document.getElementById("file-note");
  const length = document.getElementById("length");
  const maxBytes = Number(form.dataset.maxMb) * 1024 ** 2;
  const arrivals = bringIn();
  const invitation = [fileName.textContent, fileNote.textContent];

  text.addEventListener("input", showLength);
  file.addEventListener("change", () => {
    if (file.files.length > 1) sendAll();
    showFile();
  });
  for (const type of ["dragenter", "dragover"]) drop.addEventListener(type, () => light(true));
  for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => light(false));
  // Without this script the form would take one of them and lose the others.
  file.multiple = true;
  fileName.textContent = invitation[0] = "Drop files here, or choose them";
  showLength();
  showFile();

  function showLength() {
    const characters = text.value.trim().length;
    const minutes = Math.round(characters / CHARACTERS_A_MINUTE);
    const time = minutes < 1 ? "under a minute" : `about ${minutes} min`;
    length.textContent = characters === 0 ? "" : `${time} to listen to`;
  }

  /** One file is sent with the form, and may have a title; several go at once, each by itself. */
  function sendAll() {
    for (const chosen of file.files) arrivals.addFile(chosen);
    file.value = "";
  }

  function showFile() {
    const chosen = file.files[0];
    const isTooLarge = chosen !== undefined && chosen.size > maxBytes;
    drop.classList.toggle("drop--filled", chosen !== undefined);
    drop.classList.toggle("drop--wrong", isTooLarge);
    fileName.textContent = chosen?.name ?? invitation[0];
    fileNote.textContent = chosen === undefined ? invitation[1] : sizeOf(chosen.size);
    if (isTooLarge) fileNote.textContent += `: too large, the limit is ${sizeOf(maxBytes)}`;
    file.setCustomValidity(isTooLarge ? "This file is too large." : "");
  }

  function sizeOf(bytes) {
    const power = Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1024));
    const step = Math.min(UNITS.length - 1, power);
    return `${(bytes / 1024 ** step).toFixed(step > 1 ? 1 : 0)} ${UNITS[step]}`;
  }

  function light(isOver) {
    drop.classList.toggle("drop--over", isOver);
  }
}
