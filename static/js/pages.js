import { Life } from "./life.js";

export const ROOT = "#whole";
/** Told on the document when a page was brought in: the detail has its root and its address. */
export const BROUGHT_IN = "lectern:page";

/**
 * Have `open(root, {url, life})` make each page in which there is something that the selector means:
 * the one that was loaded, and those that the stage brings in. What it returns is the root's `page`,
 * together with its life.
 */
export function onPage(selector, open) {
  const look = (root, url, isShown) => {
    if (root === null || root.page !== undefined || root.querySelector(selector) === null) return;
    const life = new Life();
    root.page = { life };
    if (isShown) life.wake();
    Object.assign(root.page, life.make(() => open(root, { url, life })));
  };
  document.addEventListener(BROUGHT_IN, ({ detail: { root, url, isShown } }) => {
    look(root, url, isShown);
  });
  look(document.querySelector(ROOT), location, true);
}
