const AT_ONCE = 2;
const BROKEN_OFF = "It did not get through. Look at your connection, and try again.";
const SIGNED_OUT = "You are signed out here. Sign in again, then try again.";
const TOO_LARGE = "This is larger than what is taken here.";
const UNKNOWN = "Something went wrong over there. Try again in a moment.";

/**
 * What is on its way into the library: two at a time, the others wait.
 *
 * An arrival has a `name`, its `fields` of the form, a `state` (asking, waiting, sending, done,
 * failed, gone), the share that was `sent`, and in the end its `url` and `title`, or an `error`
 * with what is `known` of it, and whether it `mayRetry`.
 *
 * Event: changed {arrival}.
 */
export class Arrivals extends EventTarget {
  #post;
  #maxBytes;
  #waiting = [];
  #sending = new Map();

  /** `post`: as in posting.js, with the address and the token known. */
  constructor({ post, maxBytes = Infinity }) {
    super();
    this.#post = post;
    this.#maxBytes = maxBytes;
  }

  /** Whether something would be lost with the page. */
  get isBusy() {
    return this.#waiting.length + this.#sending.size > 0;
  }

  addFile(file) {
    const arrival = this.#made(file.name, { file });
    if (file.size > this.#maxBytes) {
      const limit = Math.round(this.#maxBytes / 1024 ** 2);
      const error = `This file is larger than the ${limit} MB that are taken here.`;
      this.#change(arrival, { state: "failed", error });
    } else this.#queue(arrival);
    return arrival;
  }

  addAddress(url) {
    const arrival = this.#made(url, { url });
    this.#queue(arrival);
    return arrival;
  }

  /** Ask first: a text may have been pasted by accident. `confirm` brings it in. */
  offerText(text, name) {
    const arrival = this.#made(name, { text });
    this.#change(arrival, { state: "asking" });
    return arrival;
  }

  confirm(arrival) {
    this.#queue(arrival);
  }

  /** Send it once more; `again`: though it is in the library already. */
  retry(arrival, { again = false } = {}) {
    if (again) arrival.fields.again = "on";
    this.#queue(arrival);
  }

  /** Take it back, or out of sight. */
  dismiss(arrival) {
    this.#waiting = this.#waiting.filter((other) => other !== arrival);
    const sending = this.#sending.get(arrival);
    this.#change(arrival, { state: "gone" });
    sending?.abort();
  }

  #made(name, fields) {
    return { name, fields, state: "", sent: 0, url: "", title: "", error: "", known: null };
  }

  #queue(arrival) {
    this.#waiting.push(arrival);
    this.#change(arrival, { state: "waiting", sent: 0, error: "", known: null, mayRetry: false });
    this.#next();
  }

  #next() {
    while (this.#sending.size < AT_ONCE && this.#waiting.length > 0) {
      this.#send(this.#waiting.shift());
    }
  }

  async #send(arrival) {
    const sending = this.#post(arrival.fields, (loaded, total) => {
      if (arrival.state === "sending") this.#change(arrival, { sent: total && loaded / total });
    });
    this.#sending.set(arrival, sending);
    this.#change(arrival, { state: "sending" });
    let outcome;
    try {
      outcome = read(await sending.answered);
    } catch {
      outcome = { state: "failed", error: BROKEN_OFF, mayRetry: true };
    }
    this.#sending.delete(arrival);
    if (arrival.state === "sending") this.#change(arrival, outcome);
    this.#next();
  }

  #change(arrival, values) {
    Object.assign(arrival, values);
    this.dispatchEvent(new CustomEvent("changed", { detail: { arrival } }));
  }
}

/** What an answer means for what was sent. */
function read({ status, body }) {
  if (status === 201 && body !== null) return { state: "done", ...body };
  if (status === 422 && body !== null) {
    const error = Object.values(body.errors).flat().join(" ");
    return { state: "failed", error, known: body.known, mayRetry: false };
  }
  if ((status === 507 || status === 503) && body?.errors) {
    return { state: "failed", error: Object.values(body.errors).flat().join(" "), mayRetry: true };
  }
  if (status === 413) return { state: "failed", error: TOO_LARGE, mayRetry: false };
  // A page instead of JSON: the one to sign in at, or a token of a session that has ended.
  const error = status === 200 || status === 403 ? SIGNED_OUT : UNKNOWN;
  return { state: "failed", error, mayRetry: true };
}
