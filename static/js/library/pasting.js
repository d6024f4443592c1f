import { listen } from "../life.js";

// Less than this may be anything; from here on it is something to be read.
const LEAST_TEXT = 120;
const FIELDS = "input, textarea, select, [contenteditable]";

/** Take what is pasted anywhere but into a field: files, one address, or a longer text. */
export function takePastes({ takeFiles, takeAddress, takeText }) {
  listen(document, "paste", (event) => {
    if (event.target.closest?.(FIELDS) || document.querySelector(":popover-open")) return;
    const files = [...event.clipboardData.files];
    const text = event.clipboardData.getData("text/plain").trim();
    if (isAddress(text)) takeAddress(text);
    else if (text.length >= LEAST_TEXT) takeText(text);
    else if (files.length > 0) takeFiles(files);
    else return;
    event.preventDefault();
  });
}

/** Whether a text is the address of one web page, and nothing else. */
export function isAddress(text) {
  return /^https?:\/\/[^\s/]\S*$/i.test(text) && URL.canParse(text);
}
