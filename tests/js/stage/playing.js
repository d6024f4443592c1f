import { A, cached, openReadyPage, status } from "./page.js";

/** Open a page on which the first `count` blocks are cached in A and the first one plays. */
export async function openPlayingPage({ count = 3, ...options } = {}) {
  const page = openReadyPage(options);
  page.player.play();
  for (let idx = 0; idx < count; idx++) {
    page.server.socket.tell(cached(A, idx, options.marks ? { marks_url: `marks/a/${idx}` } : {}));
  }
  await page.clock.tick(100);
  page.server.socket.takeSent();
  return page;
}

/** Open a page that can play what is being made, on which the first block is. */
export async function openLivePage(options) {
  const page = openReadyPage(options);
  page.sounds.canStream = true;
  page.player.play();
  page.server.socket.tell(status(A, 0, "processing", { audio_url: "/live/0" }));
  await page.clock.tick(0);
  return page;
}

export const urls = (handles) => handles.map(({ url }) => url);

/** Return the positions that a page has saved since it was asked last. */
export const savedBy = (page) =>
  page.server.socket.takeSent().filter(({ type }) => type === "save_position");
