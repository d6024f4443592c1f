// What the browser itself has to load: other parts of the house, and what signs in or out.
const LOADED_WHOLE = /^\/(?:admin|accounts|api|static|audio)\//;
const BASE = new URL(document.documentElement.dataset.base ?? "/", location.href).pathname;

/** The address that a press asks for, if it is a plain one on a link of ours; else null. */
export function wanted(event) {
  const { button, metaKey, ctrlKey, shiftKey, altKey, defaultPrevented, target } = event;
  const link = target.closest?.("a[href]");
  if (!link || defaultPrevented || button !== 0) return null;
  if (metaKey || ctrlKey || shiftKey || altKey) return null;
  if ((link.target && link.target !== "_self") || link.hasAttribute("download")) return null;
  const url = new URL(link.href);
  const isWithin = url.hash !== "" && url.pathname === location.pathname && url.search === location.search;
  return isWithin || !mayGo(url) ? null : url;
}

/** Whether a page at this address may be shown without loading all anew. */
export function mayGo({ origin, pathname }) {
  if (origin !== location.origin || !pathname.startsWith(BASE)) return false;
  return !LOADED_WHOLE.test(`/${pathname.slice(BASE.length)}`);
}

/** What a form asks for: where, and how it is fetched. */
export function addressOfForm(form, submitter) {
  const url = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
  /** @type {any} words, where they go into an address */
  const fields = new FormData(form, submitter);
  if (form.method === "post") return { url, options: { method: "POST", body: fields } };
  url.search = new URLSearchParams(fields).toString();
  return { url };
}
