import { savePosition } from "./protocol.js";

// Longer than the pause between two positions of a page that plays.
const QUIET_AFTER_RETURN_MS = 6_000;

/**
 * Where the person is, told between the pages of the person: what this one says while it has no
 * connection is said when it has one, and what it said under a former session is its own.
 *
 * Events: position, of another page; back, with the place that the server has, after the connection
 * had been lost.
 */
export class Positions extends EventTarget {
  #send;
  #clock;
  #ownIds = new Set();
  #unsent = null;
  #quietUntil = -Infinity;
  #comesBack = false;

  /** `send(message)` is false when there is no connection. */
  constructor({ send, clock }) {
    super();
    this.#send = send;
    this.#clock = clock;
  }

  /**
   * Tell the server where the person is, now or as soon as there is a connection.
   *
   * `playing`: whether this page plays, so that the person's others fall silent; `began`: it was
   * just asked to. A page that was away says so only after it has listened for a while: it may be
   * that another one was begun meanwhile, and that is the one that goes on.
   *
   * @param {number} idx
   * @param {number} ms
   * @param {{playing?: boolean, began?: boolean}} [now]
   */
  save(idx, ms, { playing, began = false } = {}) {
    if (began) this.#quietUntil = -Infinity;
    const isQuiet = playing && this.#clock.now() < this.#quietUntil;
    const message = savePosition(idx, ms, isQuiet ? undefined : playing);
    if (this.#send(message)) {
      this.#unsent = null;
      return;
    }
    // Said before there ever was a connection it is still true.
    const isNew = this.#ownIds.size === 0 && playing;
    const claims = isNew && (began || this.#unsent?.playing);
    this.#unsent = savePosition(idx, ms, claims || undefined);
  }

  /** There is a connection, again or for the first time. */
  connect() {
    const wasThere = this.#ownIds.size > 0;
    if (wasThere) this.#quietUntil = this.#clock.now() + QUIET_AFTER_RETURN_MS;
    this.#comesBack = wasThere && this.#unsent === null;
    if (this.#unsent !== null) this.#send(this.#unsent);
    this.#unsent = null;
  }

  /** The server names this page's session. */
  own(sessionId) {
    this.#ownIds.add(sessionId);
  }

  /** The server says, in a `ready`, where the person was last. */
  hear(position) {
    if (this.#comesBack) this.#tell("back", placeOf(position));
    this.#comesBack = false;
  }

  /** Take in a message of type `position`. */
  receive({ session_id: sessionId, device = "", playing = null, ...message }) {
    // What one said oneself before the connection was lost may come to one's next session.
    if (this.#ownIds.has(sessionId)) return;
    const isTab = message.same_browser === true;
    this.#tell("position", { ...placeOf(message), sessionId, device, isTab, playing });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const placeOf = (place) => ({ blockIdx: place?.block_idx ?? 0, offsetMs: place?.offset_ms ?? 0 });
