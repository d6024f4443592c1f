"""A speech server with OpenAI's API, of the tests: real HTTP, a tone for each voice, all faults.

A voice named "300" is a tone of 300 Hz; the voice "notes" plays each word as the tone that its
first letter names, so that a word that is missing or comes twice is heard. What it answers is told
by ``Answer``: the usual one, and others for the next requests. It keeps a log of what it was asked,
and of how many it was asked at once. ``python -m tests.speech_server`` runs it by itself until its
input ends.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import math
import struct
import sys
import threading
import time
import wave
from collections import deque
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
from av.audio.frame import AudioFrame

from tts.engines.espeak import EspeakEngine
from tts.speech import Utterance, WordEvent

SAMPLE_RATE = 24_000
AMPLITUDE = 12_000
MS_PER_CHARACTER = 70
PIECE_MS = 100
# What the voice "notes" plays.
NOTES = {"a": 300, "b": 500, "c": 700, "d": 1100, "e": 1300}
NOTE_MS, NOTE_SILENCE_MS = 200, 40
CAPTION_MS = 250  # a word
# By the names of the API: PyAV's container, its codec, the type that servers announce.
ENCODINGS = {
    "opus": ("ogg", "libopus", "audio/ogg"),
    "mp3": ("mp3", "libmp3lame", "audio/mpeg"),
    "aac": ("adts", "aac", "audio/aac"),
    "flac": ("flac", "flac", "audio/flac"),
    "wav": ("wav", "pcm_s16le", "audio/wav"),
    "webm": ("webm", "libopus", "audio/webm"),
    "pcm": ("", "", "audio/pcm"),
}
# What the servers that there are answer when they are asked for their voices.
VOICE_LISTS: dict[str, dict[str, Any]] = {
    "kokoro": {"/v1/audio/voices": {"voices": ["300", "500", "700"]}},
    "speaches": {
        "/v1/models": {
            "object": "list",
            "data": [
                {"id": "whisper", "object": "model", "task": "automatic-speech-recognition"},
                {
                    "id": "tones",
                    "object": "model",
                    "task": "text-to-speech",
                    "voices": [{"name": "300", "language": "en-us"}, {"name": "500"}],
                },
            ],
        }
    },
    "omni": {"/v1/audio/voices": {"voices": ["300", "500"], "uploaded_voices": [{"name": "700"}]}},
    "chatterbox": {"/v1/voices": [{"display_name": "Three", "filename": "300"}]},
    "notes": {"/v1/audio/voices": {"voices": ["notes"]}},
    "none": {},
}
ENOUGH_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request for speech is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None  # instead of sound
    content_type: str | None = None
    encoding: str | None = None  # instead of the one that was asked for
    rate: int = SAMPLE_RATE
    speaks: str = ""  # in this voice of espeak's, instead of a tone; in WAV
    times_begin_anew: bool = False  # of words, with each piece
    stretch: float = 1.0  # how much longer than it should be
    lasts_ms: int = 0  # so long, whatever the text
    first_ms: float = 0  # before the answer begins
    pace: float = 0  # times real time; 0: all at once
    # After this share of the sound:
    breaks_at: float | None = None  # the connection ends
    hangs_at: float | None = None  # nothing more comes
    says_length: bool = False  # Content-Length instead of chunks
    announces: int | None = None  # as its size, in the WAV file itself


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    at: float
    path: str
    voice: str = ""
    text: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    key: str = ""


class SpeechServer:
    """Runs in threads of its own from entering to leaving the context."""

    def __init__(self, *, port: int = 0, voices: str = "kokoro", usual: Answer | None = None):
        self.usual = usual or Answer()
        self.next: deque[Answer] = deque()
        self.of_text: dict[str, Answer] = {}  # for texts that contain this
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.voice_lists = VOICE_LISTS[voices]
        self.elsewhere = Answer(404, body='{"detail":"Not Found"}')
        self.tells_words = False
        self._at_once = 0
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.speech = self

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def spoken(self) -> list[Request]:
        """The requests for speech."""
        with self._lock:
            return [request for request in self.requests if request.path.endswith("/speech")]

    def __enter__(self) -> SpeechServer:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def note(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    def begin(self, text: str) -> Answer:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            if self.next:
                return self.next.popleft()
            own = [answer for part, answer in self.of_text.items() if part in text]
            return own[0] if own else self.usual

    def end(self) -> None:
        with self._lock:
            self._at_once -= 1

    def figures(self) -> dict[str, Any]:
        with self._lock:
            return {
                "most_at_once": self.most_at_once,
                "requests": [asdict(request) for request in self.requests],
            }


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    speech: SpeechServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it the small pieces wait for each other's receipt.
    disable_nagle_algorithm = True
    server: _Http
    _counts = False  # as one of those at once

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        speech = self.server.speech
        path = self.path.partition("?")[0]
        speech.note(Request(time.time(), path, key=self._key))
        if path == "/log":
            self._text(200, json.dumps(speech.figures()), "application/json")
        elif path in speech.voice_lists:
            listed = speech.voice_lists[path]
            if not isinstance(listed, Answer):
                listed = Answer(body=json.dumps(listed))
            self._text(listed.status, listed.body or "", "application/json")
        else:
            other = speech.elsewhere
            self._text(other.status, other.body or "", other.content_type or "application/json")

    def do_POST(self) -> None:
        speech = self.server.speech
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/answer":  # from the processes that have no other way
            speech.usual = Answer(**body)
            self._text(200, "{}", "application/json")
            return
        speech.note(
            Request(
                time.time(), self.path, body.get("voice", ""), body.get("input", ""), body,
                self._key,
            )
        )  # fmt: skip
        if self.path == "/dev/captioned_speech" and speech.tells_words:
            self._caption(speech.begin(body.get("input", "")), body)
            speech.end()
            return
        if not self.path.endswith("/v1/audio/speech"):
            self._text(404, '{"detail":"Not Found"}', "application/json")
            return
        answer = speech.begin(body.get("input", ""))
        self._counts = True
        try:
            self._speak(answer, body)
        finally:
            self._end()

    def _end(self) -> None:
        """Count no longer, before the last bytes are out: whoever has them may ask at once."""
        if self._counts:
            self._counts = False
            self.server.speech.end()

    @property
    def _key(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _text(
        self, status: int, text: str, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _caption(self, answer: Answer, body: dict[str, Any]) -> None:
        """Answer as Kokoro-FastAPI does: lines of JSON, two words in each."""
        if answer.body is not None:
            self._text(answer.status, answer.body, "application/json", answer.headers)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        words = body["input"].split()
        for at in range(0, len(words), 2):
            pair = words[at : at + 2]
            first = 0 if answer.times_begin_anew else at
            stamps = [
                {
                    "word": word.strip(".,"),
                    "start_time": (first + n) * CAPTION_MS / 1000,
                    "end_time": (first + n + 1) * CAPTION_MS / 1000,
                }
                for n, word in enumerate(pair)
            ]
            pcm = tone(int(body["voice"]), CAPTION_MS * len(pair), SAMPLE_RATE)
            audio = base64.b64encode(pcm).decode()
            line = json.dumps({"audio": audio, "audio_format": "pcm", "timestamps": stamps})
            self._piece(answer, line.encode() + b"\n")
        self.wfile.write(b"0\r\n\r\n")

    def _speak(self, answer: Answer, body: dict[str, Any]) -> None:
        time.sleep(answer.first_ms / 1000)
        if answer.body is not None:
            kind = answer.content_type or "application/json"
            self._text(answer.status, answer.body, kind, answer.headers)
            return
        if answer.hangs_at == 0:
            self.server.speech.closing.wait(ENOUGH_SECONDS)
        if 0 in (answer.hangs_at, answer.breaks_at):
            self.close_connection = True
            return
        encoding = answer.encoding or body.get("response_format") or "mp3"
        spoken_ms = len(body["input"]) * MS_PER_CHARACTER * answer.stretch
        duration_ms = answer.lasts_ms or max(100, round(spoken_ms))
        if answer.speaks:
            sound, _ = espeak_wav(body["input"], answer.speaks)
            duration_ms = len(sound) // 44
        elif body["voice"] == "notes":
            sound = notes_file(body["input"], encoding, answer.rate)
            duration_ms = NOTE_MS * len(body["input"].split())
        else:
            sound = tone_file(int(body["voice"]), duration_ms, encoding, answer.rate)
        if answer.announces is not None:
            assert encoding == "wav"
            size = answer.announces.to_bytes(4, "little")
            at = sound.index(b"data") + 4
            sound = b"".join([sound[:4], size, sound[8:at], size, sound[at + 4 :]])
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type or ENCODINGS[encoding][2])
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.says_length:
            self.send_header("Content-Length", str(len(sound)))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._send(answer, sound, duration_ms)

    def _send(self, answer: Answer, sound: bytes, duration_ms: int) -> None:
        share = answer.breaks_at if answer.breaks_at is not None else answer.hangs_at
        sent = sound if share is None else sound[: round(len(sound) * share)]
        if answer.pace:
            count = max(1, round(duration_ms / PIECE_MS))
            size = -(-len(sound) // count)
            for at in range(0, len(sent), size):
                self._piece(answer, sent[at : at + size])
                time.sleep(PIECE_MS / 1000 / answer.pace)
        elif sent:
            self._piece(answer, sent)
        if answer.hangs_at is not None:
            self.server.speech.closing.wait(ENOUGH_SECONDS)
        if share is not None:
            self.close_connection = True
        elif not answer.says_length:
            self._end()
            self.wfile.write(b"0\r\n\r\n")

    def _piece(self, answer: Answer, data: bytes) -> None:
        if not answer.says_length:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self.wfile.write(data)
        self.wfile.flush()


@lru_cache(maxsize=64)
def tone_file(frequency: int, duration_ms: int, encoding: str, rate: int = SAMPLE_RATE) -> bytes:
    """Return a tone as a file in one of the API's encodings."""
    return encode(tone(frequency, duration_ms, rate), encoding, rate)


def notes_file(text: str, encoding: str, rate: int = SAMPLE_RATE) -> bytes:
    """Return a text's words as tones, with a silence after each."""
    silence = bytes(2 * (rate * NOTE_SILENCE_MS // 1000))
    notes = (
        tone(NOTES[word[0].lower()], NOTE_MS - NOTE_SILENCE_MS, rate) + silence
        for word in text.split()
    )
    return encode(b"".join(notes), encoding, rate)


def tone(frequency: int, duration_ms: int, rate: int) -> bytes:
    count = rate * duration_ms // 1000
    step = 2 * math.pi * frequency / rate
    return struct.pack(f"<{count}h", *(round(AMPLITUDE * math.sin(step * n)) for n in range(count)))


def encode(samples: bytes, encoding: str, rate: int) -> bytes:
    count = len(samples) // 2
    container_name, codec, _ = ENCODINGS[encoding]
    if not container_name:
        return samples
    file = io.BytesIO()
    with av.open(file, "w", format=container_name) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = "mono"
        resampler = av.AudioResampler(stream.format, "mono", rate)
        frame = AudioFrame(format="s16", layout="mono", samples=count)
        frame.sample_rate = rate
        frame.planes[0].update(samples)
        for resampled in resampler.resample(frame):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return file.getvalue()


def espeak_wav(text: str, voice: str, **parameters: object) -> tuple[bytes, list[WordEvent]]:
    """Return a WAV file and espeak's word events."""
    speech = EspeakEngine().speak(
        Utterance(text=text, language="", voice=voice, parameters=parameters)
    )
    pcm, events = b"", []
    for piece in speech.pieces:
        if isinstance(piece, WordEvent):
            events.append(piece)
        else:
            pcm += piece
    wav = io.BytesIO()
    with wave.open(wav, "wb") as file:
        file.setparams((1, 2, speech.sample_rate, 0, "NONE", ""))
        file.writeframes(pcm)
    return wav.getvalue(), events


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--voices", choices=sorted(VOICE_LISTS), default="kokoro")
    arguments = parser.parse_args()
    with SpeechServer(port=arguments.port, voices=arguments.voices) as server:
        print(server.address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
