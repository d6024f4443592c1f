// A stored sound comes without a pause; this long a line may be away for a moment.
const SILENT_MS = 10_000;

/**
 * Ends what is fetched when nothing of it has come for so long: a connection that died while a laptop
 * slept, or between two networks, is never closed by anyone.
 */
export class Patience {
  #controller = new AbortController();
  #parent;
  #ms;
  #timer;

  /** It ends with `signal` as well. */
  constructor(signal, ms = SILENT_MS) {
    this.#parent = signal;
    if (signal.aborted) this.#endToo();
    else signal.addEventListener("abort", this.#endToo);
    this.renew(ms);
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Something came; or from now on, wait for so long. */
  renew(ms = this.#ms) {
    this.#ms = ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new Error("Nothing came of its sound.")), ms);
  }

  /** All of it has come. */
  end() {
    clearTimeout(this.#timer);
    this.#parent.removeEventListener("abort", this.#endToo);
  }

  #endToo = () => this.#controller.abort(this.#parent.reason);
}

/**
 * Ask at once for a sound from byte `from` on, and yield its pieces until the answer ends: which
 * proves nothing of a sound that is being made. Throws an error with the `status` of the answer, if
 * that was the trouble.
 */
export function fetchSound(url, from, patience) {
  const answer = answerTo(url, from, patience.signal);
  answer.catch(() => {}); // Whoever reads is told.
  return piecesOf(answer, from, patience);
}

async function* piecesOf(answer, from, patience) {
  let reader;
  try {
    const response = await answer;
    // One that is being made is always given from its beginning.
    let surplus = response.status === 206 ? 0 : from;
    reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      patience.renew();
      const piece = value.subarray(Math.min(surplus, value.length));
      surplus -= value.length - piece.length;
      if (piece.length > 0) yield piece;
    }
  } finally {
    patience.end();
    reader?.cancel().catch(() => {});
  }
}

/**
 * Return a whole sound as `{blob, silence}`, `silence` as of `fetchSilence`. Throws as
 * `fetchSound` does.
 */
export async function fetchWhole(url, signal) {
  const patience = new Patience(signal);
  try {
    const answer = answerTo(url, 0, patience.signal);
    const pieces = [];
    for await (const piece of piecesOf(answer, 0, patience)) pieces.push(piece);
    const { headers } = await answer;
    const blob = new Blob(pieces, { type: headers.get("Content-Type") });
    return { blob, silence: silenceOf(headers) };
  } catch (error) {
    throw wordsFor(error, signal);
  }
}

/** Return how long a stored sound is silent at its two ends, in ms; null if it cannot be asked. */
export async function fetchSilence(url, signal) {
  const patience = new Patience(signal);
  try {
    const response = await fetch(url, { method: "HEAD", signal: patience.signal });
    return response.ok ? silenceOf(response.headers) : null;
  } catch {
    return null;
  } finally {
    patience.end();
  }
}

/** Whether a fetch failed in a way that trying again will not mend. */
export const isFinal = (error) => error.status >= 400 && error.status < 500;

async function answerTo(url, from, signal) {
  let response;
  try {
    response = await fetch(url, {
      signal,
      headers: from > 0 ? { Range: `bytes=${from}-` } : {},
    });
  } catch (error) {
    throw wordsFor(error, signal);
  }
  if (!response.ok) throw refusal(response.status);
  return response;
}

function silenceOf(headers) {
  const [lead, trail] = (headers.get("Sound-Silence") ?? "0 0").split(" ").map(Number);
  return [lead || 0, trail || 0];
}

function wordsFor(error, signal) {
  signal.throwIfAborted();
  if (error.status) return error;
  return new Error("Its sound could not be fetched.", { cause: error });
}

function refusal(status) {
  const words =
    status === 404 ? "Its sound is not there." : `The server would not give its sound (${status}).`;
  return Object.assign(new Error(words), { status });
}
