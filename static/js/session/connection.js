import { Timers, systemClock } from "../clock.js";
import { GrowingPause } from "./pauses.js";
import { parse, ping } from "./protocol.js";

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 15_000;
const CONNECT_WITHIN_MS = 10_000;
const PING_EVERY_MS = 10_000;
// Once a page has said nothing between two: pings are most of what pages at rest cost a server.
const PING_AT_REST_MS = 30_000;
const PONG_WITHIN_MS = 5_000;
// A socket that lives shorter than this counts as a failed attempt: pauses go on growing.
const STABLE_AFTER_MS = 5_000;

const SOCKET_OPEN = 1;
const REFUSALS = new Map([
  [4401, "signed-out"],
  [4404, "not-found"],
]);

/**
 * A socket, or what stands in for one, that comes back by itself.
 *
 * States: idle, connecting, open, pausing (until `retryAt`), refused (for good), closed.
 * Events: state, open, close, message, nonsense, refused; back, when it is lost no longer.
 */
export class Connection extends EventTarget {
  #url;
  #createSocket;
  #clock;
  #pause;
  #socket = null;
  #state = "idle";
  #retryAt = null;
  #refusal = null;
  #hasBeenOpen = false;
  #hasHeard = false;
  #hasSaid = true;
  #isAtRest = false;
  #way = "socket";
  #isOffline = false;
  #losses = 0;
  #timers;

  constructor({
    url,
    createSocket = (address) => new WebSocket(address),
    clock = systemClock,
    random = Math.random,
  }) {
    super();
    this.#url = url;
    this.#createSocket = createSocket;
    this.#clock = clock;
    this.#timers = new Timers(clock);
    this.#pause = new GrowingPause({ first: FIRST_PAUSE_MS, longest: LONGEST_PAUSE_MS, random });
  }

  get state() {
    return this.#state;
  }

  /** When the next attempt begins, by the clock, or null. */
  get retryAt() {
    return this.#retryAt;
  }

  /** Why the server will not have us: "signed-out", "not-found" or null. */
  get refusal() {
    return this.#refusal;
  }

  get hasBeenOpen() {
    return this.#hasBeenOpen;
  }

  /** Whether anything has come since the last attempt began. */
  get hasHeard() {
    return this.#hasHeard;
  }

  /** By which way it goes: "socket" or "http". */
  get way() {
    return this.#way;
  }

  /** Whether the browser says that there is no network, which need not be so. */
  get isOffline() {
    return this.#isOffline;
  }

  /** Whether the server is out of reach, as far as is known: what cannot be fetched now, can later. */
  get isLost() {
    return this.#state !== "open" || this.#isOffline;
  }

  /** How often it was lost: whoever has waited for something can tell whether it was meanwhile. */
  get losses() {
    return this.#losses;
  }

  /** Go by another way at the next attempt; `createSocket` makes what is taken for a socket. */
  goBy(way, createSocket) {
    this.#way = way;
    this.#createSocket = createSocket;
  }

  open() {
    if (this.#state === "connecting" || this.#state === "open") return;
    this.#connect();
  }

  close() {
    this.#abandon();
    this.#become("closed");
  }

  /** Give up the socket there is, whatever its state, and connect afresh at once. */
  restart() {
    this.#abandon();
    this.#connect();
  }

  /** Give up a socket that does not behave, and connect again after a pause. */
  reconnect() {
    this.#abandon();
    this.#waitAndConnect();
  }

  /** Send a message; false when there is no open socket to carry it. */
  send(message) {
    if (this.#state !== "open" || this.#socket.readyState !== SOCKET_OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    this.#hasSaid = true;
    if (this.#isAtRest) {
      this.#isAtRest = false;
      this.#pingLater();
    }
    return true;
  }

  /** The browser says that the network is there again. */
  online() {
    const wasLost = this.isLost;
    this.#isOffline = false;
    if (wasLost && !this.isLost) this.#tell("back");
    if (this.#state === "pausing") {
      this.#pause.reset();
      this.#connect();
    } else if (this.#state === "open") {
      this.#become("open");
      this.#ping();
    }
  }

  /** The browser says that the network is gone: hints may be wrong, so ask the server. */
  offline() {
    if (!this.isLost) this.#losses += 1;
    this.#isOffline = true;
    this.#become(this.#state);
    this.doubt();
  }

  /** Something could not be fetched: ask whether the server is there, and be lost if it is not. */
  doubt() {
    if (this.#state === "open") this.#ping();
  }

  #connect() {
    this.#timers.clearAll();
    this.#refusal = null;
    this.#hasHeard = false;
    this.#become("connecting");
    let socket;
    try {
      socket = this.#createSocket(this.#url);
    } catch {
      this.#waitAndConnect();
      return;
    }
    this.#socket = socket;
    this.#timers.after("connect", CONNECT_WITHIN_MS, () => this.reconnect());
    const ours = (handle) => (event) => {
      if (socket === this.#socket) handle(event);
    };
    socket.addEventListener("open", ours(() => this.#opened()));
    socket.addEventListener("message", ours((event) => this.#received(event.data)));
    socket.addEventListener("close", ours((event) => this.#lost(event.code)));
  }

  #opened() {
    this.#timers.clearAll();
    this.#timers.after("stable", STABLE_AFTER_MS, () => this.#pause.reset());
    this.#hasSaid = true;
    this.#isAtRest = false;
    this.#pingLater();
    this.#hasBeenOpen = true;
    this.#become("open");
    this.#tell("open");
    if (!this.isLost) this.#tell("back");
  }

  #received(text) {
    // Whatever comes shows that the server lives.
    this.#hasHeard = true;
    this.#timers.clear("pong");
    this.#pingLater();
    let message;
    try {
      message = parse(text);
    } catch (error) {
      this.#tell("nonsense", { text, error });
      return;
    }
    this.#tell("message", { message });
  }

  #pingLater() {
    const pause = this.#isAtRest ? PING_AT_REST_MS : PING_EVERY_MS;
    this.#timers.after("ping", pause, () => this.#ping());
  }

  #ping() {
    if (this.#timers.has("pong")) return;
    const isAtRest = !this.#hasSaid;
    this.send(ping());
    this.#timers.clear("ping");
    this.#hasSaid = false;
    this.#isAtRest = isAtRest;
    this.#timers.after("pong", PONG_WITHIN_MS, () => this.reconnect());
  }

  #lost(code) {
    this.#abandon();
    if (REFUSALS.has(code)) {
      this.#refusal = REFUSALS.get(code);
      this.#become("refused");
      this.#tell("refused", { reason: this.#refusal });
    } else {
      this.#waitAndConnect();
    }
  }

  #waitAndConnect() {
    const pause = this.#pause.next();
    this.#retryAt = this.#clock.now() + pause;
    this.#timers.after("retry", pause, () => this.#connect());
    this.#become("pausing");
  }

  /** Forget the socket first, so that nothing it still says is heard. */
  #abandon() {
    this.#timers.clearAll();
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.close();
    if (this.#state === "open") {
      if (!this.isLost) this.#losses += 1;
      this.#state = "closed";
      this.#tell("close");
    }
  }

  #become(state) {
    this.#state = state;
    if (state !== "pausing") this.#retryAt = null;
    this.#tell("state", { state, retryAt: this.#retryAt });
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
