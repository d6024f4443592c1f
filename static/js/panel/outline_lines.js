const MINUTE_MS = 60_000;

/** Return what the page has of the contents: `{idx, depth, title, item}` of each line. */
export function readOutline(root) {
  return Array.from(root.querySelectorAll(".outline__entry"), (item) => ({
    idx: Number(item.dataset.idx),
    depth: Number(item.dataset.depth),
    title: item.textContent.trim(),
    item,
  }));
}

/** Say how long it lasts, in words. */
export const minutes = (ms) =>
  ms < MINUTE_MS ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / MINUTE_MS)} min`;
