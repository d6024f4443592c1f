/**
 * Play sequences of events to the shipped modules and tell what was heard.
 *
 *     node tests/js/replay.js < sequences > results
 *
 * Each line of the input is a JSON list of events, each line of the output the result of one list.
 * Time stands still but for `tick`. Voices are `{"model_slug", "voice_slug"}` in events and
 * "model/voice" in results. An event is one of
 *
 *     {"do": "open", "voice": …|null, "block_count", "document_id", "revision", "position"}
 *         first and once, all keys optional (default: 20 blocks, no voice, revision 1); the page
 *         is loaded and its socket is connecting
 *     {"do": "connect"}                     the socket opens
 *     {"do": "disconnect", "code": 1006}    the socket closes
 *     {"do": "come_back"}                   the page is shown from the browser's history
 *     {"do": "set_voice", "model_slug", "voice_slug"}
 *     {"do": "play"} {"do": "pause"} {"do": "next"} {"do": "previous"}
 *     {"do": "play_from", "block_idx"} {"do": "retry", "block_idx"} {"do": "seek", "ms"}
 *     {"do": "speed", "speed"} {"do": "refuse_play", "refuse": true}
 *     {"do": "break_loading", "url", "status": 404|null}   loading this sound fails from now on
 *     {"server": "<type>", …, "socket": 0}  a message comes from the server, with the seq it
 *         carries, or the next; keys left out are null, or those of the document; `socket` counts
 *         the page's sockets from 0, the last one by default: so old sockets can speak late
 *     {"sounds": {"<audio_url>": {"voice": "model/voice", "duration_ms": 900}}}
 *         what really is to be heard at an address (default: the voice of the first status that
 *         named it, and that status's duration, else 1,000 ms)
 *     {"tick": ms}                          time goes by; sounds take 20 ms to load
 *
 * A result is
 *
 *     {"heard": [{"from_ms", "to_ms", "voice", "chosen", "block_idx", "url"}, …],
 *      "stale": [the entries of `heard` whose voice is not the one chosen],
 *      "at_once": most sounds at one time, "undisposed": sounds that still hold memory,
 *      "dropped": messages not believed, "state": of the player, "chosen", "answered",
 *      "connection": its state, "sent": [[message, …] of each socket, pings left out]}
 *
 * or `{"error": "…"}` when an event made the modules throw.
 */
import { createInterface } from "node:readline";

import { MESSAGES } from "../../static/js/session/protocol.js";
import { voiceName, voiceOf } from "../../static/js/voices/voice.js";
import { DOCUMENT, openPage } from "./stage/page.js";

const DEFAULT_DURATION_MS = 1_000;

/** What was heard, cut wherever a sound begins or ends and wherever another voice is chosen. */
class Listener {
  heard = [];
  atOnce = 0;
  #page;
  #voiceAt;
  #open = new Map();

  constructor(page, voiceAt) {
    this.#page = page;
    this.#voiceAt = voiceAt;
    page.sounds.heard = (handle) => {
      if (handle.isSounding) this.#begin(handle);
      else this.#end(handle);
      this.atOnce = Math.max(this.atOnce, this.#open.size);
    };
    page.session.addEventListener("voice", () => this.cut());
  }

  cut() {
    for (const handle of [...this.#open.keys()]) {
      this.#end(handle);
      this.#begin(handle);
    }
  }

  #begin(handle) {
    this.#open.set(handle, {
      from_ms: this.#page.clock.now(),
      voice: this.#voiceAt(handle.url),
      chosen: voiceName(this.#page.session.voice),
      block_idx: this.#page.player.idx,
      url: handle.url,
    });
  }

  #end(handle) {
    const { from_ms, ...rest } = this.#open.get(handle);
    this.#open.delete(handle);
    const part = { from_ms, to_ms: this.#page.clock.now(), ...rest };
    // A sound that began and ended in one moment was not heard, unless it should not be there.
    if (part.to_ms > from_ms || part.voice !== part.chosen) this.heard.push(part);
  }
}

async function replay(events) {
  const opening = events[0]?.do === "open" ? events[0] : {};
  const { document_id = DOCUMENT, revision = 1 } = opening;
  const document = { document_id, revision };
  const page = openPage({
    blockCount: opening.block_count,
    voice: opening.voice ?? null,
    documentId: document_id,
    revision,
    position: opening.position,
  });
  const truth = new Map();
  const broken = new Map();
  page.server.countsPongs = false;
  page.sounds.durationMs = (url) => truth.get(url)?.duration_ms ?? DEFAULT_DURATION_MS;
  page.sounds.trouble = (url) => broken.get(url) ?? null;
  const listener = new Listener(page, (url) => truth.get(url)?.voice ?? "unknown");
  const { clock, player, server, session, sounds } = page;

  const acts = {
    open: () => {},
    connect: () => server.socket.readyState === 0 && server.socket.open(),
    disconnect: ({ code = 1006 }) => server.socket.readyState < 2 && server.socket.drop(code),
    come_back: () => session.comeBack(),
    set_voice: (event) => player.changeVoice(voiceOf(event)),
    play: () => player.play(),
    pause: () => player.pause(),
    next: () => player.next(),
    previous: () => player.previous(),
    play_from: ({ block_idx }) => player.playFrom(block_idx),
    retry: ({ block_idx }) => player.retry(block_idx),
    seek: ({ ms }) => player.seek(ms),
    speed: ({ speed }) => (player.speed = speed),
    refuse_play: ({ refuse }) => (sounds.refusesPlay = refuse),
    break_loading: ({ url, status = null }) =>
      broken.set(url, Object.assign(new Error("broken"), status === null ? {} : { status })),
  };
  const hear = (told) => {
    for (const [url, sound] of Object.entries(told)) truth.set(url, sound);
  };
  const tell = ({ server: type, socket = server.sockets.length - 1, ...given }) => {
    const keys = MESSAGES.to_page[type].filter((key) => key !== "seq");
    const blank = Object.fromEntries(keys.map((key) => [key, document[key] ?? null]));
    const message = { ...blank, ...given, type };
    if (message.audio_url && !truth.has(message.audio_url)) {
      const { duration_ms } = message;
      truth.set(message.audio_url, { voice: voiceName(voiceOf(message)), duration_ms });
    }
    server.sockets[socket].tell(message);
  };

  for (const event of events) {
    if ("tick" in event) await clock.tick(event.tick);
    else if ("sounds" in event) hear(event.sounds);
    else if ("server" in event) tell(event);
    else acts[event.do](event);
  }
  await clock.tick(0);
  listener.cut();
  return {
    heard: listener.heard,
    stale: listener.heard.filter(({ voice, chosen }) => voice !== chosen),
    at_once: listener.atOnce,
    undisposed: sounds.undisposed.length,
    dropped: session.dropped,
    state: player.state,
    chosen: voiceName(session.voice),
    answered: session.answered,
    connection: page.connection.state,
    sent: server.sockets.map((socket) => socket.takeSent()),
  };
}

for await (const text of createInterface({ input: process.stdin })) {
  const result = await replay(JSON.parse(text)).catch((error) => ({ error: error.stack }));
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
