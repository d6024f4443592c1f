import { Timers, systemClock } from "../clock.js";

const TICK_MS = 1_000;
const NOTHING_HEARD_AFTER_MS = 10_000;
const NOTICE_MS = 8_000;
const WORTH_TELLING_MS = 1_500;

/**
 * One line that says in words what is going on and, when nothing does, what is wrong.
 *
 * Tones: quiet, busy, attention, trouble. Actions: play, retry, sign-in, reload, library or null.
 * Event: change.
 */
export class StatusLine extends EventTarget {
  #connection;
  #session;
  #player;
  #pace;
  #clock;
  #timers;
  #said = { text: "", tone: "quiet", action: null };
  #waitingSince = null;
  #failure = null;
  #noticeUntil = -Infinity;

  /** `pace`: how fast the voice's model has been lately, if that is known. */
  constructor({ connection, session, player, pace = null, clock = systemClock }) {
    super();
    this.#connection = connection;
    this.#session = session;
    this.#player = player;
    this.#pace = pace;
    this.#clock = clock;
    this.#timers = new Timers(clock);
    const say = () => this.#say();
    connection.addEventListener("state", say);
    session.addEventListener("ready", say);
    session.addEventListener("reset", say);
    session.addEventListener("trouble", say);
    session.addEventListener("voice", ({ detail }) => this.#noteVoice(detail.by));
    session.addEventListener("block", ({ detail }) => this.#noteNews(detail.idx));
    player.addEventListener("block", () => this.#noteNews(player.idx));
    player.addEventListener("state", () => this.#noteNews(player.idx));
    player.addEventListener("failed", ({ detail }) => {
      this.#failure = detail;
      this.#say();
    });
    this.#say();
  }

  get text() {
    return this.#said.text;
  }

  get tone() {
    return this.#said.tone;
  }

  get action() {
    return this.#said.action;
  }

  #noteVoice(by) {
    this.#noticeUntil = by === "server" ? this.#clock.now() + NOTICE_MS : -Infinity;
    this.#noteNews(this.#player.idx);
  }

  #noteNews(idx) {
    if (idx !== this.#player.idx) return;
    this.#waitingSince = isWaiting(this.#player) ? this.#clock.now() : null;
    this.#say();
  }

  #say() {
    const said = describe({
      now: this.#clock.now(),
      connection: this.#connection,
      session: this.#session,
      player: this.#player,
      pace: this.#pace,
      waitedMs: this.#waitingSince === null ? 0 : this.#clock.now() - this.#waitingSince,
      failure: this.#failure,
      isVoiceNews: this.#clock.now() < this.#noticeUntil,
    });
    const isTimely = this.#waitingSince !== null || this.#connection.state === "pausing";
    if (isTimely || this.#clock.now() < this.#noticeUntil) {
      this.#timers.after("tick", TICK_MS, () => this.#say());
    } else {
      this.#timers.clear("tick");
    }
    if (said.text === this.#said.text && said.action === this.#said.action) return;
    this.#said = said;
    this.dispatchEvent(new CustomEvent("change", { detail: said }));
  }
}

const line = (tone, text, action = null) => ({ text, tone, action });
const seconds = (ms) => `${Math.max(1, Math.ceil(ms / 1000))} s`;
const sentence = (text) => (/[.!?…]$/u.test(text) ? text : `${text}.`);

/** Choose the words; what keeps everything else from working is said first. */
function describe(facts) {
  return (
    describeConnection(facts) ??
    describeTrouble(facts) ??
    describeNews(facts) ??
    describePlayer(facts)
  );
}

function describeConnection({ connection, player, now }) {
  if (connection.state === "refused") {
    return connection.refusal === "signed-out"
      ? line("trouble", "You are signed out. Sign in to go on listening.", "sign-in")
      : line("trouble", "This document is not there any more.", "library");
  }
  if (connection.state === "pausing") {
    const wait = seconds(connection.retryAt - now);
    return connection.hasBeenOpen
      ? line("attention", `The connection was lost.${describePause(player)} Reconnecting in ${wait}.`)
      : line("attention", `The server cannot be reached. Trying again in ${wait}.`);
  }
  if (connection.state === "connecting") {
    if (!connection.hasBeenOpen) return line("busy", "Connecting…");
    return line("busy", `Reconnecting…${describePause(player)}`);
  }
  // The browser may be wrong about that: it counts when something is missing.
  if (connection.isOffline && isWaiting(player)) {
    return line("attention", `You are offline.${describePause(player)}`);
  }
  return null;
}

const isWaiting = ({ state }) => state === "waiting" || state === "loading";

/** Nothing is passed over while the server is out of reach. */
function describePause(player) {
  return isWaiting(player) ? " Playback waits, and goes on from here." : "";
}

const TROUBLES = {
  outdated: () => line("trouble", "This page is out of date. Reload it.", "reload"),
  rate_limited: () => line("attention", "Too much was asked for at once. Asking again shortly."),
  over_quota: ({ message }) => line("trouble", sentence(message)),
  unavailable: ({ message }) => line("attention", `${sentence(message)} Asking again shortly.`),
};

function describeTrouble({ session, player }) {
  const trouble = session.trouble;
  if (trouble === null || player.state === "playing") return null;
  return TROUBLES[trouble.code]?.(trouble) ?? null;
}

function describeNews({ isVoiceNews }) {
  if (!isVoiceNews) return null;
  return line("attention", "That voice is not available. Reading in the voice named above.");
}

function describePlayer({ player, session, waitedMs, failure, pace }) {
  switch (player.state) {
    case "playing":
      return line("quiet", "Playing");
    case "paused":
      return line("quiet", "Paused");
    case "ended":
      return line("quiet", "Finished", "play");
    case "needs-gesture":
      return line("attention", "Press play to begin: the browser waits for you.", "play");
    case "failed":
      return line("trouble", describeFailure(failure), "retry");
    case "loading":
      return waitedMs < NOTHING_HEARD_AFTER_MS
        ? line("busy", "Fetching the sound…")
        : line("trouble", `The sound has not come for ${seconds(waitedMs)}. Still trying.`);
    case "waiting":
      if (player.idx === null) return line("busy", "Preparing the document…");
      return describeWaiting(session, session.stateOf(player.idx), waitedMs, pace);
    default:
      return line("quiet", "Press play to listen", "play");
  }
}

function describeFailure(failure) {
  const reason = failure?.message ? ` ${sentence(failure.message)}` : "";
  return `This block could not be spoken.${reason}`;
}

/** From the model's recent pace, for waits that are long enough to be worth a word. */
function readyIn(pace, waitedMs) {
  const leftMs = pace === null ? 0 : pace.firstMs - waitedMs;
  return leftMs < WORTH_TELLING_MS ? "" : ` Ready in about ${seconds(leftMs)}.`;
}

function describeWaiting(session, state, waitedMs, pace) {
  const isLate = waitedMs >= NOTHING_HEARD_AFTER_MS;
  const time = seconds(waitedMs);
  if (!session.answered) {
    return isLate
      ? line("trouble", `The server has not answered for ${time}. Still trying.`)
      : line("busy", "Waiting for the server…");
  }
  if (state?.status === "processing") {
    return isLate
      ? line("trouble", `This block has been in the making for ${time}. The engine may be slow.`)
      : line("busy", `Making the next block…${readyIn(pace, waitedMs)}`);
  }
  if (state?.status === "cached") return line("busy", "Fetching the sound…");
  if (state?.error) return line("attention", `Trying again: ${sentence(state.error)}`);
  if (isLate) {
    const hint = "It may be busy or stopped; playing begins as soon as it answers.";
    return line("trouble", `No worker has answered for ${time}. ${hint}`);
  }
  return line("busy", `Waiting for a worker…${readyIn(pace, waitedMs)}`);
}
