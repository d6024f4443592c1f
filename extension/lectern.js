import { api } from "./browser.js";
import { capture } from "./capture.js";

const NOT_SET_UP = "Tell this extension where your Lectern is, and give it a token.";
const NOT_REACHED = "Your Lectern does not answer. Is it running, and is the address right?";
const NOT_HERE = "This page cannot be read: the browser lets no extension into it.";

/** What went wrong, in words for a person; `setUp`: the options would mend it. */
export class Trouble extends Error {
  constructor(message, { setUp = false } = {}) {
    super(message);
    this.setUp = setUp;
  }
}

/** Where Lectern is, and the token. */
export async function settings() {
  const { server = "", token = "" } = await api.storage.local.get(["server", "token"]);
  return { server, token };
}

/** Ask Lectern; returns its answer as JSON. Throws Trouble. */
export async function ask(path, { server, token }, options = {}) {
  if (server === "" || token === "") throw new Trouble(NOT_SET_UP, { setUp: true });
  const headers = { ...options.headers, Authorization: `Bearer ${token}` };
  let response;
  try {
    response = await fetch(`${server}/api/v1${path}`, { ...options, headers, credentials: "omit" });
  } catch {
    throw new Trouble(NOT_REACHED, { setUp: true });
  }
  const content = await response.json().catch(() => ({}));
  if (!response.ok) {
    const words = content.detail ?? `Lectern answered with an error (${response.status}).`;
    throw new Trouble(words, { setUp: response.status === 401 || response.status === 403 });
  }
  return content;
}

/** Send what a tab shows, or what is selected in it, and open it. Throws Trouble. */
export async function send(tabId, { selection = false } = {}) {
  const where = await settings();
  const page = await captured(tabId, selection);
  const form = new FormData();
  form.append("file", new File([page.html], "page.html", { type: "text/html" }));
  form.append("title", page.title.slice(0, 300));
  if (/^https?:/.test(page.url)) form.append("url", page.url.slice(0, 2000));
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const made = await ask("/documents", where, { method: "POST", body: form, headers });
  await api.tabs.create({ url: `${where.server}${made.url}#play` });
  return made;
}

/** What a tab shows. Throws Trouble. */
export async function captured(tabId, wantsSelection) {
  try {
    const [{ result }] = await api.scripting.executeScript({
      target: { tabId },
      func: capture,
      args: [wantsSelection],
    });
    return result;
  } catch {
    throw new Trouble(NOT_HERE);
  }
}
