/** The messages of the reading session's socket, as reader/events.py has them. */

export const PROTOCOL_VERSION = 1;
export const MAX_WINDOW = 64;

export const STATUSES = ["queued", "processing", "cached", "error"];
export const ERROR_CODES = [
  "bad_message",
  "unknown_voice",
  "bad_index",
  "rate_limited",
  "over_quota",
  "unavailable",
];

export const MESSAGES = {
  from_page: {
    set_voice: ["type", "model_slug", "voice_slug"],
    synthesize: ["type", "block_indices", "retry"],
    cancel: ["type"],
    save_position: ["type", "block_idx", "offset_ms", "playing"],
    ping: ["type"],
  },
  to_page: {
    ready: [
      "type",
      "seq",
      "protocol",
      "session_id",
      "document_id",
      "revision",
      "block_count",
      "model_slug",
      "voice_slug",
      "cached",
      "position",
    ],
    status: [
      "type",
      "seq",
      "document_id",
      "revision",
      "block_idx",
      "status",
      "audio_url",
      "marks_url",
      "duration_ms",
      "bytes",
      "error",
      "retryable",
      "model_slug",
      "voice_slug",
      "spoken_by",
      "marks",
    ],
    position: [
      "type",
      "seq",
      "block_idx",
      "offset_ms",
      "session_id",
      "device",
      "same_browser",
      "playing",
    ],
    progress: ["type", "seq", "job", "done", "total", "status", "error"],
    error: ["type", "seq", "code", "message", "block_indices"],
    pong: ["type", "seq"],
  },
};

/** What may be missing in a message to the page. */
export const OPTIONAL = { status: ["spoken_by", "marks"], position: ["device", "same_browser", "playing"] };

export const setVoice = ({ model_slug, voice_slug }) => ({
  type: "set_voice",
  model_slug,
  voice_slug,
});

export const synthesize = (blockIndices, { retry = false } = {}) => ({
  type: "synthesize",
  block_indices: blockIndices,
  retry,
});

export const cancel = () => ({ type: "cancel" });

/** `playing`: whether this page plays; left out where that is not sure. */
export const savePosition = (blockIdx, offsetMs, playing) => ({
  type: "save_position",
  block_idx: blockIdx,
  offset_ms: Math.max(0, Math.round(offsetMs)),
  ...(playing === undefined ? {} : { playing }),
});

export const ping = () => ({ type: "ping" });

export class ProtocolError extends Error {}

/** Return the message in `text`, or throw a ProtocolError that says what is wrong with it. */
export function parse(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    throw new ProtocolError("not JSON");
  }
  const keys = Object.hasOwn(MESSAGES.to_page, message?.type ?? "")
    ? MESSAGES.to_page[message.type]
    : null;
  if (keys === null) throw new ProtocolError(`unknown type ${message?.type}`);
  for (const key of keys) {
    if (!Object.hasOwn(message, key)) {
      if (OPTIONAL[message.type]?.includes(key)) continue;
      throw new ProtocolError(`${message.type} without ${key}`);
    }
    if (!isRight(message.type, key, message[key])) {
      throw new ProtocolError(`${message.type} with a wrong ${key}`);
    }
  }
  return message;
}

const isText = (value) => typeof value === "string";
const isYesOrNo = (value) => typeof value === "boolean";
const isCount = (value) => Number.isInteger(value) && value >= 0;
const isAmount = (value) => Number.isFinite(value) && value >= 0;
const orNull = (test) => (value) => value === null || test(value);
const isPlace = (value) =>
  typeof value === "object" && isCount(value.block_idx) && isAmount(value.offset_ms);
const isNamedVoice = (value) =>
  typeof value === "object" && [value.model_slug, value.voice_slug, value.name].every(isText);
const isMark = (value) => Array.isArray(value) && value.length === 4 && value.every(isAmount);
const isRange = (value) =>
  Array.isArray(value) && value.length === 2 && value.every(isCount) && value[0] <= value[1];

const RIGHT = {
  type: isText,
  seq: (value) => Number.isInteger(value) && value >= 1,
  protocol: isCount,
  session_id: isText,
  document_id: isText,
  revision: isCount,
  block_count: isCount,
  block_idx: isCount,
  offset_ms: isAmount,
  model_slug: isText,
  voice_slug: isText,
  spoken_by: orNull(isNamedVoice),
  marks: orNull((value) => Array.isArray(value) && value.every(isMark)),
  cached: (value) => Array.isArray(value) && value.every(isRange),
  position: orNull(isPlace),
  audio_url: orNull(isText),
  marks_url: orNull(isText),
  duration_ms: orNull(isAmount),
  bytes: orNull(isCount),
  error: orNull(isText),
  retryable: orNull(isYesOrNo),
  device: isText,
  same_browser: isYesOrNo,
  playing: isYesOrNo,
  job: isText,
  done: orNull(isAmount),
  total: orNull(isAmount),
  code: (value) => ERROR_CODES.includes(value),
  message: isText,
  block_indices: (value) => Array.isArray(value) && value.every(Number.isInteger),
};

function isRight(type, key, value) {
  if (key === "status") return type === "status" ? STATUSES.includes(value) : isText(value);
  return RIGHT[key](value);
}
