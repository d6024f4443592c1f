"""The floors of throughput: the same work without our parts, in as many processes.

    python -m tests.bench.floors ENGINE VOICE COUNT [SERVER ENCODING]

Makes COUNT sounds: engine, encoder, one INSERT, one XADD, one PUBLISH; prints the seconds and the
seconds of CPU. With a server it is asked by HTTP alone, and what is in Opus already is not encoded.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests import environment  # first: it tells where the data goes

PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Floor:
    per_second: float
    cpu_ms: float  # a block, of these processes alone


def floor(count: int, engine: str, voice: str, *server: str) -> Floor:
    """Return how much can be done in this way, in two processes at once."""
    share = count // PROCESSES
    command = [sys.executable, "-m", "tests.bench.floors", engine, voice, str(share), *server]
    environ = {**os.environ, "FLOOR_DATA": str(environment.DATA_DIR)}
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
        for _ in range(PROCESSES)
    ]
    told = [list(map(float, process.communicate()[0].split()[-2:])) for process in running]
    cpu = sum(seconds for _, seconds in told)
    return Floor(PROCESSES * share / max(seconds for seconds, _ in told), cpu / count * 1000)


def main() -> None:
    import django

    django.setup()
    name, voice, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    make = _from_server(voice, *sys.argv[4:]) if sys.argv[4:] else _from_engine(name, voice)
    keep = _keeper()
    for n in range(2):
        keep(make(-1 - n))
    began, cpu = time.perf_counter(), time.process_time()
    for n in range(count):
        keep(make(n))
    print(time.perf_counter() - began, time.process_time() - cpu)


def _from_server(voice: str, address: str, encoding: str) -> Callable[[int], bytes]:
    from .stack import WORDS

    client = http.client.HTTPConnection(urlsplit(address).netloc)

    def make(n: int) -> bytes:
        body = {"input": WORDS.format(number=n, salt=os.getpid()), "voice": voice}
        data = json.dumps(body | {"model": "", "response_format": encoding})
        client.request("POST", "/v1/audio/speech", data, {"Content-Type": "application/json"})
        sound = client.getresponse().read()
        if encoding == "opus":
            return sound
        with wave.open(io.BytesIO(sound)) as file:
            return _encoded(file.readframes(file.getnframes()), file.getframerate())

    return make


def _from_engine(name: str, voice: str) -> Callable[[int], bytes]:
    from tts.engines import engine_named, load
    from tts.speech import Utterance

    from .stack import WORDS

    load([name])

    def make(n: int) -> bytes:
        text = WORDS.format(number=n, salt=os.getpid())
        speech = engine_named(name).speak(Utterance(text, "en", voice))
        pcm = b"".join(piece for piece in speech.pieces if isinstance(piece, bytes))
        return _encoded(pcm, speech.sample_rate)

    return make


def _encoded(pcm: bytes, rate: int) -> bytes:
    from tts.audio.encoder import Encoder
    from tts.audio.formats import FORMATS

    encoder = Encoder(FORMATS["webm"], rate)
    return encoder.encode(pcm) + encoder.finish()


def _keeper() -> Callable[[bytes], None]:
    from tts.connections import redis_client

    folder = os.environ["FLOOR_DATA"]
    database = sqlite3.connect(f"{folder}/floor.sqlite3", timeout=20, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE IF NOT EXISTS sound (name TEXT, bytes INTEGER)")
    redis = redis_client()
    numbers = iter(range(10**9))

    def keep(sound: bytes) -> None:
        name = f"floor-{os.getpid()}-{next(numbers)}"
        path = f"{folder}/{name}"
        with open(path, "wb") as file:
            file.write(sound)
        database.execute("INSERT INTO sound VALUES (?, ?)", (name, len(sound)))
        redis.xadd(name, {"d": sound})
        redis.publish("floor", name)
        redis.delete(name)
        os.unlink(path)

    return keep


if __name__ == "__main__":
    main()
