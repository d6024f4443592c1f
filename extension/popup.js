import { api } from "./browser.js";
import { Trouble, captured, send, settings } from "./lectern.js";

const find = (id) => document.getElementById(id);
const buttons = [find("page"), find("selection")];

/** The tab that it is about: a test names one, where a popup cannot be opened by a press. */
async function tabId() {
  const named = new URLSearchParams(location.search).get("tab");
  if (named !== null) return Number(named);
  const [tab] = await api.tabs.query({ active: true, currentWindow: true });
  return tab.id;
}

async function press(selection) {
  say("Sending…");
  for (const button of buttons) button.disabled = true;
  try {
    const { title } = await send(await tabId(), { selection });
    say(`Sent: ${title || "it is open in a new tab."}`);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    say(error.message, { isBad: true });
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function say(words, { isBad = false } = {}) {
  find("words").textContent = words;
  find("words").classList.toggle("bad", isBad);
}

find("page").addEventListener("click", () => press(false));
find("selection").addEventListener("click", () => press(true));
find("options").addEventListener("click", () => api.runtime.openOptionsPage());

const { server, token } = await settings();
if (server === "" || token === "") say("First tell it where your Lectern is: press Options.");
try {
  const { selection } = await captured(await tabId(), true);
  find("selection").hidden = selection === "";
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  say(error.message, { isBad: true });
}
