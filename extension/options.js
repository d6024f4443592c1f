import { api } from "./browser.js";
import { Trouble, ask, settings } from "./lectern.js";

const find = (id) => document.getElementById(id);

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { origin } = new URL(find("server").value);
  // Asked in the press itself, or it is refused. Without it Lectern is reached all the same, unless
  // the browser keeps pages off private networks.
  Promise.resolve(api.permissions.request({ origins: [`${origin}/*`] })).catch(() => {});
  keep({ server: origin, token: find("token").value.trim() });
});

async function keep(where) {
  await api.storage.local.set(where);
  say("Trying…");
  try {
    await ask("/documents?limit=1", where);
    say("It works. Open a page, and press the button of Lectern.");
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    say(error.message, { isBad: true });
  }
}

function say(words, { isBad = false } = {}) {
  find("words").textContent = words;
  find("words").classList.toggle("bad", isBad);
}

// Not in the place of what was typed before it came.
const { server, token } = await settings();
find("server").value ||= server;
find("token").value ||= token;
const { trouble = "" } = await api.storage.local.get("trouble");
if (trouble !== "") {
  find("trouble").textContent = trouble;
  find("trouble").hidden = false;
  await api.storage.local.remove("trouble");
}
