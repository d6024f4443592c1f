const MINUTE_MS = 60_000;
const CONNECTED = {
  socket: "Connected.",
  http: "Connected by HTTP: no socket passes in this network.",
};

/**
 * Say in words what the system is doing: a line for each part of it.
 *
 * `names(voice)`: `{voice, model}`; `preparation()`: how far it is, in words, or "".
 */
export function report({ connection, session, player, ready, pace, names, preparation, now }) {
  return {
    connection: ofConnection(connection, session, now),
    voice: ofVoice(session, names),
    block: ofBlock(session, player),
    ahead: ofAhead(player, ready),
    waiting: ofWaiting(session),
    pace: ofPace(pace),
    preparation: preparation() || "Not asked for.",
  };
}

/** The block at the cursor if its sound failed, else null. */
export function failedBlock(session, player) {
  return session.stateOf(player.idx)?.status === "error" ? player.idx : null;
}

function ofConnection({ state, retryAt, hasBeenOpen, way }, session, now) {
  const wait = Math.max(1, Math.ceil((retryAt - now) / 1000));
  const words = {
    open: session.answered ? CONNECTED[way] : "Connected; the server has not answered yet.",
    connecting: hasBeenOpen ? "Reconnecting…" : "Connecting…",
    pausing: `Lost. What is ready plays on; connecting again in ${wait} s.`,
    refused: "Refused: you are signed out, or this document is gone.",
  };
  return words[state] ?? "Not connected.";
}

function ofVoice({ voice }, names) {
  if (voice === null) return "None is chosen yet.";
  const { voice: name, model } = names(voice);
  return model ? `${name}, made by ${model}.` : `${name ?? voice.voice_slug}.`;
}

function ofBlock(session, { idx }) {
  if (idx === null) return "There is nothing to read yet.";
  const state = session.stateOf(idx);
  const reason = state?.error ? ` ${sentence(state.error)}` : "";
  const words = {
    queued: reason ? `Waiting to be tried again.${reason}` : "Waiting to be made.",
    processing: "Being made.",
    cached: "Ready.",
    error: `Failed.${reason}`,
  };
  return words[state?.status] ?? "Not asked for yet.";
}

function ofAhead({ idx, positionMs, speed }, ready) {
  const { ms, blocks } = idx === null ? { ms: 0, blocks: 0 } : ready.ahead(idx, positionMs);
  if (blocks === 0) return "Nothing yet.";
  return `${duration(ms / speed)} of listening, ${count(blocks, "paragraph")}.`;
}

function ofWaiting(session) {
  const is = (status) => session.wanted.filter((idx) => session.stateOf(idx)?.status === status);
  const making = is("processing").length;
  const waiting = is("queued").length;
  if (making + waiting === 0) return "None.";
  return `${making} being made, ${waiting} waiting.`;
}

function ofPace(pace) {
  if (!pace.isKnown) return "Not measured yet.";
  const times = pace.timesRealTime;
  const made = times < 10 ? times.toFixed(1) : Math.round(times);
  const first = (pace.firstMs / 1000).toFixed(1);
  const soon = first === "0.0" ? "at once" : `after about ${first} s`;
  return `Makes ${made} s of sound a second; the first sound comes ${soon}.`;
}

const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
const sentence = (text) => (/[.!?…]$/u.test(text) ? text : `${text}.`);

function duration(ms) {
  const seconds = Math.round((ms % MINUTE_MS) / 1000);
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes === 0) return `${seconds} s`;
  return minutes < 10 ? `${minutes} min ${seconds} s` : `${minutes} min`;
}
