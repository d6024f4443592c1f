import { BROUGHT_IN } from "../pages.js";
import { Fetched, applyHead, fetchPage, loadHead } from "./fetched.js";
import { addressOfForm, mayGo, wanted } from "./links.js";
import { MiniPlayer } from "./mini_player.js";

/** Told on the root of a reading page, by its queue: what comes after it is to be made ready, begun. */
const PREPARE = "lectern:prepare";
const BEGIN = "lectern:begin";
const READING = /\/documents\/[0-9a-f-]{36}\/$/;

/**
 * The window, in which our own links change what is shown and leave the rest as it is. So a reading
 * page plays on while one looks through the library: its content is put aside, with all that it is,
 * until one comes back or another document is opened.
 *
 * Where nothing plays the browser itself loads pages, but for a document that is opened: who goes
 * back from it while it is read is to hear it on. What is no page of ours, or of another version, is
 * always loaded by the browser.
 */
export class Stage {
  #shown;
  #reading = null; // The one that is put aside, and plays on or was paused.
  #next = null; // The one that is to be played after it.
  #visit = 0;
  #styles = new Set();
  #scrolls = new Map();
  #entry = history.state?.page ?? null;
  #mini = new MiniPlayer();

  constructor(root) {
    this.#shown = Fetched.loaded(root);
    this.#know(this.#shown);
    this.#hear(this.#shown);
    this.#mini.addEventListener("stop", () => this.#closeReading());
    // After all that the page itself does with a press.
    addEventListener("click", (event) => this.#onClick(event));
    addEventListener("submit", (event) => this.#onSubmit(event));
    addEventListener("popstate", () => this.#onReturn());
  }

  /** Whether there is something that is to be heard on. */
  get #livesOn() {
    return this.#reading !== null || isBegun(this.#shown);
  }

  #onClick(event) {
    const url = wanted(event);
    if (url === null) return;
    if (!this.#livesOn && !READING.test(url.pathname)) return;
    event.preventDefault();
    this.#go(url.href);
  }

  #onSubmit(event) {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.target !== "") return;
    const { url, options } = addressOfForm(form, event.submitter);
    if (!mayGo(url) || !(this.#livesOn || "swaps" in form.dataset)) return;
    event.preventDefault();
    this.#go(url.href, { options });
  }

  /** Back or forward. */
  #onReturn() {
    const { pathname, search, href } = location;
    this.#scrolls.set(this.#entry, scrollY);
    this.#entry = history.state?.page ?? null;
    const scroll = this.#scrolls.get(this.#entry) ?? 0;
    const shown = new URL(this.#shown.address);
    const isSame = shown.pathname === pathname && (this.#shown.isReading || shown.search === search);
    if (isSame) this.#cancelVisit();
    else this.#go(href, { isReturn: true, scroll });
  }

  /** What was on its way is not to be shown any more. */
  #cancelVisit() {
    document.documentElement.ariaBusy = null;
    return ++this.#visit;
  }

  /**
   * Show what is at an address; the browser loads it where it cannot be shown so.
   *
   * @param {string} url
   * @param {{options?: RequestInit, isReturn?: boolean, scroll?: number}} [how]
   */
  async #go(url, { options, isReturn = false, scroll = 0 } = {}) {
    const visit = this.#cancelVisit();
    const { hash, pathname } = new URL(url);
    if (options === undefined && this.#reading?.path === pathname) {
      if (!isReturn) this.#push(url);
      this.#show(this.#reading, { scroll, hash });
      return;
    }
    document.documentElement.ariaBusy = "true";
    let found;
    try {
      found = await fetchPage(url, options);
      if (found.page !== undefined) await loadHead(found.page);
    } catch {
      found = null; // There is no connection.
    }
    if (visit !== this.#visit) return;
    document.documentElement.ariaBusy = null;
    if (found?.page !== undefined) {
      const { page, address, isRedirected } = found;
      const isHere = !isRedirected || pathOf(address) === pathOf(location.href);
      if (!isReturn && !(options && isHere)) this.#push(address);
      this.#know(page);
      this.#show(page, { scroll, hash });
    } else if (found === null && (this.#livesOn || options)) {
      this.#mini.tell("The server cannot be reached now. Try again when the connection is back.");
    } else {
      location.assign(found?.address ?? url);
    }
  }

  /** Add an address to the browser's history. */
  #push(address) {
    this.#scrolls.set(this.#mark(), scrollY);
    this.#entry = newName();
    history.pushState({ page: this.#entry }, "", address);
  }

  #mark() {
    if (this.#entry === null) {
      this.#entry = newName();
      history.replaceState({ ...history.state, page: this.#entry }, "");
    }
    history.scrollRestoration = "manual";
    return this.#entry;
  }

  #know({ styles }) {
    for (const style of styles) this.#styles.add(style);
  }

  /** Put a page in the place of the one that is shown. */
  #show(page, { scroll = 0, hash = "" } = {}) {
    const isNew = page !== this.#reading;
    this.#leave(this.#shown, { isKept: !page.isReading || !isNew });
    if (page.isReading) {
      if (isNew) this.#closeReading();
      this.#reading = null;
    }
    this.#shown = page;
    applyHead(page, this.#styles, { isNew });
    document.body.prepend(page.root);
    if (page.life === null) this.#open(page, true);
    else page.life.wake();
    this.#mini.show(this.#reading);
    this.#arrive(page, { scroll, hash });
  }

  /** Put away what is shown: for later if it plays on, else for good. */
  #leave(page, { isKept }) {
    page.bodyClass = document.body.className;
    page.focused = page.root.contains(document.activeElement) ? document.activeElement : null;
    for (const open of page.root.querySelectorAll(":popover-open")) open.hidePopover();
    if (isKept && isBegun(page)) {
      page.life.rest();
      this.#reading = page;
    } else {
      page.life?.end();
    }
    page.root.remove();
  }

  #closeReading() {
    this.#next?.page?.life?.end();
    this.#next = null;
    this.#reading?.life.end();
    this.#reading = null;
    this.#mini.show(null);
  }

  #open(page, isShown) {
    const detail = { root: page.root, url: new URL(page.address), isShown };
    document.dispatchEvent(new CustomEvent(BROUGHT_IN, { detail }));
    this.#hear(page);
  }

  /** The focus goes where the content begins, or back to where it was; the title is told. */
  #arrive(page, { scroll, hash }) {
    const goal = page.focused?.isConnected ? page.focused : page.root.querySelector("[autofocus], main");
    if (goal?.localName === "main") goal.tabIndex = -1;
    goal?.focus({ preventScroll: true });
    if (!page.isReading) {
      // A reading page goes by itself to what is read.
      const named = hash && page.root.querySelector(`#${CSS.escape(hash.slice(1))}`);
      if (named) named.scrollIntoView();
      else scrollTo({ top: scroll, behavior: "instant" });
    }
    this.#mini.announce(page.title);
  }

  // --- one document after the other --------------------------------------------------------------

  #hear(page) {
    if (!page.isReading) return;
    page.root.addEventListener(PREPARE, ({ detail }) => this.#prepare(page, detail.address));
    page.root.addEventListener(BEGIN, (event) => {
      event.preventDefault();
      this.#begin(page, event.detail);
    });
  }

  /** Have a document ready that is to be played after this one. */
  async #prepare(page, address) {
    if (this.#next?.asked === address) return;
    this.#next?.page?.life?.end();
    const next = (this.#next = { asked: address, page: null });
    try {
      const { page: made } = await fetchPage(new URL(address, location.href).href);
      if (made !== undefined) await loadHead(made);
      if (next !== this.#next || made === undefined) return;
      this.#know(made);
      this.#open(made, false);
      next.page = made;
      made.player.addEventListener("prepared", ({ detail }) => {
        if (next === this.#next) page.player.sequel = detail.sound;
      });
      const [, block] = address.match(/#block-(\d{1,9})$/) ?? [];
      made.player.prepare(block && Number(block));
    } catch {
      if (next === this.#next) this.#next = null; // The next look may have a connection.
    }
  }

  /** Play what comes next, prepared or not; it is shown if the one before is. */
  #begin(page, { address, place }) {
    const { asked, page: next } = this.#next ?? {};
    if (asked !== address || !next) {
      this.#go(new URL(address, location.href).href);
      return;
    }
    this.#next = null;
    next.player.play({ place });
    if (page === this.#shown) {
      this.#push(next.address);
      this.#show(next);
    } else {
      page.life.end();
      this.#reading = next;
      this.#mini.show(next);
    }
  }
}

/** Whether a page plays, or was paused on its way. */
function isBegun({ player }) {
  return player !== null && !["idle", "ended"].includes(player.state);
}

let names = 0;
const newName = () => `${performance.timeOrigin}.${(names += 1)}`;

const pathOf = (address) => new URL(address).pathname + new URL(address).search;
