import { inReadingOrder } from "../document/passages.js";

const ANSWER_WITHIN_MS = 30_000;
const NOT_KEPT = "This could not be kept. Please check the connection and try again.";
const SIGNED_OUT = "This could not be kept: you may be signed out. Reload the page to go on.";

/**
 * What this person marked in the document, in reading order, as the server has it.
 *
 * What cannot be kept throws an error whose message is for the person.
 * Event: change, whenever `all` is another one.
 */
export class Annotations extends EventTarget {
  #url;
  #token;
  #fetch;
  #all = [];
  #changes = new Map(); // the newest of each note

  /** @param {{url: string, token: string, fetch?: typeof globalThis.fetch}} parts */
  constructor({ url, token, fetch = (...request) => globalThis.fetch(...request) }) {
    super();
    this.#url = url;
    this.#token = token;
    this.#fetch = fetch;
  }

  get all() {
    return this.#all;
  }

  async load() {
    const before = this.#all;
    const { annotations } = await this.#ask(this.#url);
    if (this.#all === before) this.#take(annotations);
    // What changed here meanwhile may be newer than the answer.
    else await this.load();
  }

  /** Mark `{kind, block_idx, start, end_block_idx, end, note}`; returns what was made of it. */
  async add({ kind, block_idx, start, end_block_idx, end, note = "" }) {
    const fields = { kind, block_idx, start, end_block_idx, end, note };
    const made = await this.#ask(this.#url, "POST", fields);
    this.#take([...this.#all.filter(({ id }) => id !== made.id), made]);
    return made;
  }

  /** `keepalive`: the page is being left. */
  async changeNote(id, note, { keepalive = false } = {}) {
    const change = {};
    this.#changes.set(id, change);
    const changed = await this.#ask(`${this.#url}${id}/`, "POST", { note }, keepalive);
    if (this.#changes.get(id) !== change) return; // The answer to an older one came later.
    this.#take(this.#all.map((one) => (one.id === id ? changed : one)));
  }

  async remove(id) {
    await this.#ask(`${this.#url}${id}/`, "DELETE");
    this.#take(this.#all.filter((one) => one.id !== id));
  }

  async #ask(url, method = "GET", fields = null, keepalive = false) {
    let response;
    try {
      response = await this.#fetch(url, {
        method,
        keepalive,
        headers: { "X-CSRFToken": this.#token },
        body: fields && new URLSearchParams(fields),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch {
      throw new Error(NOT_KEPT);
    }
    if (response.status === 204 || (method === "DELETE" && response.status === 404)) return null;
    if (response.status === 403 || response.status === 404) throw new Error(SIGNED_OUT);
    const answer = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    throw new Error(Object.values(answer?.errors ?? {})[0]?.[0] ?? NOT_KEPT);
  }

  #take(all) {
    this.#all = all.toSorted(inReadingOrder);
    this.dispatchEvent(new CustomEvent("change"));
  }
}
