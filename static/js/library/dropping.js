import { listen } from "../life.js";

/**
 * Take files that are dropped anywhere on the page; `sign` is shown while they are over it.
 *
 * @param {{sign: HTMLElement, take: (files: File[]) => void, takeNothing?: () => void}} parts
 */
export function takeDrops({ sign, take, takeNothing }) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  listen(document, "dragenter", (event) => {
    if (hasFiles(event)) sign.hidden = false;
  });
  listen(document, "dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  listen(document, "dragleave", (event) => {
    // From one element to the next is no leaving.
    if (event.relatedTarget === null) sign.hidden = true;
  });
  listen(document, "drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    sign.hidden = true;
    const files = [...event.dataTransfer.items].filter(isFile).map((item) => item.getAsFile());
    if (files.length > 0) take(files);
    else takeNothing?.();
  });
}

function isFile(item) {
  return item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory;
}
