import { Connection } from "../../../static/js/session/connection.js";
import { Player } from "../../../static/js/player/player.js";
import { ReadyAhead } from "../../../static/js/document/buffer.js";
import { Playlist } from "../../../static/js/document/playlist.js";
import { ReadingSession } from "../../../static/js/session/session.js";
import { Steps } from "../../../static/js/player/steps.js";
import { Volume } from "../../../static/js/player/volume.js";
import { StageClock } from "./clock.js";
import { StageServer } from "./sockets.js";
import { StageSounds } from "./sounds.js";

export const DOCUMENT = "7d1c0c0e-0000-4000-8000-000000000001";
export const A = { model_slug: "espeak", voice_slug: "en-us" };
export const B = { model_slug: "espeak", voice_slug: "de" };
export const C = { model_slug: "openai", voice_slug: "nova" };

/** The real parts of a reading page, between a socket, a clock and loudspeakers of the tests. */
export function openPage({
  blockCount = 20,
  voice = A,
  documentId = DOCUMENT,
  revision = 1,
  blocks,
  complete,
  sentences = () => [],
  level = 1,
  ...playing
} = {}) {
  const clock = new StageClock();
  const server = new StageServer();
  const sounds = new StageSounds(clock);
  const random = () => 1;
  const connection = new Connection({
    url: "ws://stage/",
    createSocket: server.createSocket,
    clock,
    random,
  });
  const session = new ReadingSession({
    connection,
    documentId,
    revision,
    blockCount,
    voice,
    clock,
    random,
  });
  const all = Array.from({ length: blockCount }, (_, idx) => ({ idx, chars: 140 }));
  const playlist = new Playlist(blocks ?? all, { complete });
  const volume = new Volume(level);
  const player = new Player({ session, playlist, sounds, volume, sentences, clock, ...playing });
  const durations = new ReadyAhead({ session, playlist });
  const steps = new Steps({ player, durations, playlist, sentences });
  connection.open();
  return { clock, server, sounds, connection, session, playlist, player, steps, volume };
}

/** Open a page whose server has answered in `voice`. */
export function openReadyPage({ voice = A, ...options } = {}) {
  const page = openPage({ voice, ...options });
  page.server.socket.open();
  page.server.socket.tell(ready(voice));
  page.server.socket.tell(ready(voice));
  page.server.socket.takeSent();
  return page;
}

/** What the server tells. */
export const ready = (voice, more = {}) => ({
  type: "ready",
  protocol: 1,
  session_id: "session-1",
  document_id: DOCUMENT,
  revision: 1,
  block_count: 20,
  ...voice,
  cached: [],
  position: { block_idx: 0, offset_ms: 0 },
  ...more,
});

export const audioUrl = (voice, idx, revision = 2) =>
  `/audio/${voice.model_slug}.${voice.voice_slug}.${idx}/${revision}/`;

export const status = (voice, idx, name, more = {}) => ({
  type: "status",
  document_id: DOCUMENT,
  revision: 1,
  block_idx: idx,
  status: name,
  audio_url: null,
  marks_url: null,
  duration_ms: null,
  bytes: null,
  error: null,
  retryable: null,
  ...voice,
  ...more,
});

export const cached = (voice, idx, more = {}) =>
  status(voice, idx, "cached", {
    audio_url: audioUrl(voice, idx),
    duration_ms: 3_000,
    bytes: 9_000,
    ...more,
  });

export const failure = (code, more = {}) => ({
  type: "error",
  code,
  message: `about ${code}`,
  block_indices: [],
  ...more,
});

/** What the page sends. */
export const setVoice = (voice) => ({ type: "set_voice", ...voice });
export const synthesize = (block_indices, retry = false) => ({
  type: "synthesize",
  block_indices,
  retry,
});
