import { Timers, systemClock } from "../../clock.js";
import { HttpSocket } from "./http_socket.js";
import { Line } from "./line.js";

// Where sockets pass, one is open in a fraction of this.
const SILENT_MS = 3_000;
const PROBE_WITHIN_MS = 5_000;
const FIRST_PROBE_MS = 15_000;
const LONGEST_PROBE_MS = 300_000;
const REMEMBERED_MS = 3_600_000;
const KEY = "lectern.sockets-blocked";

/**
 * Chooses by which way a page reaches its session: by a socket, or by HTTP where an attempt to open
 * one failed or was met with silence. If that fails as well, it takes them in turns. By HTTP it
 * looks now and then whether a socket passes again, and goes back to it.
 */
export class Ways {
  #connection;
  #url;
  #standin;
  #createPort;
  #createSocket;
  #storage;
  #timers;
  #port = null;
  #probing = null;
  #probeMs = FIRST_PROBE_MS;

  /** `standin`: what a stand-in is made of beside a port, which `createPort()` makes. */
  constructor({
    connection,
    url,
    standin,
    createPort,
    createSocket = (address) => new WebSocket(address),
    storage = globalThis.localStorage,
    clock = systemClock,
  }) {
    this.#connection = connection;
    this.#url = url;
    this.#standin = standin;
    this.#createPort = createPort;
    this.#createSocket = createSocket;
    this.#storage = storage;
    this.#timers = new Timers(clock);
    connection.addEventListener("state", () => this.#look());
    connection.addEventListener("message", () => this.#arrived());
    if (!["open", "closed"].includes(connection.state) && wereBlocked(storage)) {
      this.#takeHttp();
      connection.restart();
    } else {
      this.#look();
    }
  }

  get #isHttp() {
    return this.#connection.way === "http";
  }

  #look() {
    const { state, isOffline, hasHeard } = this.#connection;
    if (state !== "connecting") this.#timers.clear("silent");
    if (state === "connecting" && !this.#isHttp) {
      if (!this.#timers.has("silent")) this.#timers.after("silent", SILENT_MS, () => this.#failed());
    } else if (state === "pausing" && !hasHeard && !isOffline) {
      this.#failed();
    }
    if (state === "closed" || state === "refused") this.#stopProbing();
  }

  /** An attempt led to nothing: the next one goes the other way. */
  #failed() {
    if (this.#isHttp) {
      this.#takeSocket();
    } else {
      this.#takeHttp();
      this.#connection.restart();
    }
  }

  #arrived() {
    if (!this.#isHttp || this.#timers.has("probe") || this.#probing) return;
    remember(this.#storage);
    this.#probeLater();
  }

  #takeHttp() {
    this.#port ??= this.#createPort();
    const made = { port: this.#port, ...this.#standin };
    this.#connection.goBy("http", () => new HttpSocket(made));
  }

  #takeSocket() {
    this.#stopProbing();
    this.#connection.goBy("socket", this.#createSocket);
  }

  #probeLater() {
    this.#timers.after("probe", this.#probeMs, () => this.#probe());
    this.#probeMs = Math.min(this.#probeMs * 2, LONGEST_PROBE_MS);
  }

  /** Go back to a socket once one passes, and something comes through it. */
  #probe() {
    let socket;
    try {
      socket = this.#probing = this.#createSocket(this.#url);
    } catch {
      this.#probeLater();
      return;
    }
    const end = (passes) => {
      if (socket !== this.#probing) return;
      this.#stopProbing();
      if (passes) {
        forget(this.#storage);
        this.#probeMs = FIRST_PROBE_MS;
        this.#takeSocket();
        this.#connection.restart();
      } else {
        this.#probeLater();
      }
    };
    socket.addEventListener("message", () => end(true));
    socket.addEventListener("close", () => end(false));
    this.#timers.after("probe", PROBE_WITHIN_MS, () => end(false));
  }

  #stopProbing() {
    this.#timers.clear("probe");
    const socket = this.#probing;
    this.#probing = null;
    socket?.close();
  }
}

/** A port of the line that all pages of this browser share; of one's own where that cannot be. */
export function portOf(workerUrl) {
  try {
    return new SharedWorker(workerUrl, { type: "module", name: "lectern-line" }).port;
  } catch {
    const { port1, port2 } = new MessageChannel();
    new Line().serve(port2);
    return port1;
  }
}

/** Whether sockets did not pass here lately: then the first attempt need not be one. */
export function wereBlocked(storage = globalThis.localStorage) {
  try {
    return Date.now() - Number(storage.getItem(KEY)) < REMEMBERED_MS;
  } catch {
    return false; // Nothing may be kept here.
  }
}

function remember(storage) {
  try {
    storage.setItem(KEY, String(Date.now()));
  } catch {
    // It will be found out again.
  }
}

function forget(storage) {
  try {
    storage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
