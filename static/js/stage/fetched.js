import { ROOT } from "../pages.js";

const HASH = /\.[0-9a-f]{12}(?=\.\w+$)/;
const SCRIPTS = 'script[type="module"][src]';
const STYLES = 'link[rel="stylesheet"]';

/** A page as it stands in a document: its content, and what its head asks for. */
export class Fetched {
  /** `address`: where it is. */
  constructor(root, address, head, html, body) {
    this.root = root;
    this.address = address;
    this.title = head.querySelector("title").textContent;
    this.styles = Array.from(head.querySelectorAll(STYLES), (link) => urlOf(link, "href"));
    this.scripts = Array.from(head.querySelectorAll(SCRIPTS), (script) => urlOf(script, "src"));
    this.look = { ...html.dataset };
    this.bodyClass = body.className;
    this.scroll = 0;
    this.focused = null;
  }

  /** The page that the browser itself has loaded. */
  static loaded(root) {
    return new Fetched(root, location.href, document.head, document.documentElement, document.body);
  }

  /** What its script told of it, and the reading page's player among that. */
  get player() {
    return this.root.page?.player ?? null;
  }

  get isReading() {
    return this.root.querySelector("#reading") !== null;
  }

  get path() {
    return new URL(this.address).pathname;
  }

  get life() {
    return this.root.page?.life ?? null;
  }
}

/**
 * Fetch a page to be shown in this window. Resolves with `{page}`; with `{address}` alone where the
 * browser has to load it: what is no page of ours, or is of another version than this one.
 */
export async function fetchPage(url, options) {
  const response = await fetch(url, { ...options, headers: { Accept: "text/html" } });
  const address = response.url + new URL(url).hash;
  const isPage = response.headers.get("Content-Type")?.startsWith("text/html");
  if (!isPage || new URL(address).origin !== location.origin) {
    response.body?.cancel();
    return { address };
  }
  const made = new DOMParser().parseFromString(await response.text(), "text/html");
  /** @type {HTMLElement | null} */
  const root = made.querySelector(ROOT);
  if (root === null || !("swaps" in root.dataset) || isOfAnotherVersion(made.head)) return { address };
  for (const element of root.querySelectorAll("noscript")) element.remove();
  const page = new Fetched(
    document.adoptNode(root),
    address,
    made.head,
    made.documentElement,
    made.body,
  );
  return { page, address, isRedirected: response.redirected };
}

/** Have the style sheets and the scripts of a page here. */
export async function loadHead({ styles, scripts }) {
  const links = document.head.querySelectorAll(STYLES);
  const known = new Set(Array.from(links, (link) => urlOf(link, "href")));
  const lacking = styles
    .filter((href) => !known.has(href))
    // It is without effect until the page is shown.
    .map((href) => Object.assign(document.createElement("link"), { rel: "stylesheet", href, media: "not all" }));
  const run = new Set(Array.from(document.querySelectorAll(SCRIPTS), (script) => urlOf(script, "src")));
  const unknown = scripts
    .filter((src) => !run.has(src))
    .map((src) => Object.assign(document.createElement("script"), { type: "module", src }));
  await Promise.all([...lacking, ...unknown].map(added));
}

/** Let the style sheets of a page have effect, and no others; those it loaded later stay. */
export function applyHead({ styles, title, look, bodyClass }, others, { isNew }) {
  const ours = new Set(styles);
  /** @type {NodeListOf<HTMLLinkElement>} */
  const links = document.head.querySelectorAll(STYLES);
  for (const link of links) {
    const href = urlOf(link, "href");
    if (ours.has(href)) link.media = "all";
    else if (others.has(href)) link.media = "not all";
  }
  document.title = title;
  document.body.className = bodyClass;
  if (!isNew) return; // What was chosen meanwhile holds.
  const { dataset } = document.documentElement;
  for (const name of Object.keys(dataset)) if (!(name in look)) delete dataset[name];
  Object.assign(dataset, look);
}

function added(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve, { once: true });
    element.addEventListener("error", () => reject(new Error("It could not be loaded.")), { once: true });
    document.head.append(element);
  });
}

/** Whether a script or a style sheet that is here goes by another name there: it is newer. */
function isOfAnotherVersion(head) {
  const names = (from) =>
    Array.from(from.querySelectorAll(`${SCRIPTS}, ${STYLES}`), (element) =>
      urlOf(element, element.localName === "link" ? "href" : "src"),
    );
  const here = new Map(names(document.head).map((url) => [url.replace(HASH, ""), url]));
  return names(head).some((url) => (here.get(url.replace(HASH, "")) ?? url) !== url);
}

const urlOf = (element, name) => new URL(element.getAttribute(name), location.href).href;
