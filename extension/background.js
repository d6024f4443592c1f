import { api } from "./browser.js";
import { Trouble, send } from "./lectern.js";

const ITEMS = [
  { id: "page", title: "Read this page with Lectern", contexts: ["page"] },
  { id: "selection", title: "Read the selection with Lectern", contexts: ["selection"] },
];

api.runtime.onInstalled.addListener(() => {
  for (const item of ITEMS) api.contextMenus.create(item);
});

api.contextMenus.onClicked.addListener(async ({ menuItemId }, tab) => {
  try {
    await send(tab.id, { selection: menuItemId === "selection" });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    // There is no other place to say it: the options do, where it is mended.
    await api.storage.local.set({ trouble: error.message });
    await api.runtime.openOptionsPage();
  }
});
