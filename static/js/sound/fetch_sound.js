/**
 * Ask at once for a sound from byte `from` on, and yield its pieces until the answer ends: which
 * proves nothing of a sound that is being made. Throws an error with the `status` of the answer, if
 * that was the trouble.
 */
export function fetchSound(url, from, signal) {
  const answer = answerTo(url, from, signal);
  answer.catch(() => {}); // Whoever reads is told.
  return piecesOf(answer, from);
}

async function* piecesOf(answer, from) {
  const response = await answer;
  // One that is being made is always given from its beginning.
  let surplus = response.status === 206 ? 0 : from;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const piece = value.subarray(Math.min(surplus, value.length));
      surplus -= value.length - piece.length;
      if (piece.length > 0) yield piece;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Return a whole sound as `{blob, silence}`, `silence` as of `fetchSilence`. Throws as
 * `fetchSound` does.
 */
export async function fetchWhole(url, signal) {
  try {
    const response = await answerTo(url, 0, signal);
    return { blob: await response.blob(), silence: silenceOf(response) };
  } catch (error) {
    throw wordsFor(error, signal);
  }
}

/** Return how long a stored sound is silent at its two ends, in ms; null if it cannot be asked. */
export async function fetchSilence(url, signal) {
  try {
    const response = await fetch(url, { method: "HEAD", signal });
    return response.ok ? silenceOf(response) : null;
  } catch {
    return null;
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

function silenceOf(response) {
  const [lead, trail] = (response.headers.get("Sound-Silence") ?? "0 0").split(" ").map(Number);
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
