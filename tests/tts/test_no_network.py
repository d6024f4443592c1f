"""While it speaks, no request leaves the machine and nothing is written but where it may be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.test_make_run import has_namespaces

ROOT = Path(__file__).parent.parent.parent
# A library that tells of itself does so within some 25 seconds of its import.
WATCHED_SECONDS = 27
PROGRAM = """
import fcntl, json, socket, struct, sys, time
from pathlib import Path

def tries():
    # What found no route: there is none but loopback here, so each try counts.
    names, values = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()[:2]]
    return int(values[names.index("OutNoRoutes")])

def reach(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            pass

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    up = struct.pack("16sH14s", b"lo", 1, b"")
    fcntl.ioctl(probe, 0x8914, up)
before = tries()
import django
django.setup()
from tts.engines import engine_named
from tts.speech import Utterance
heard = {}
for engine, voice in (("espeak", "gmw/en-US"), ("hibari", "heart")):
    speech = engine_named(engine).speak(Utterance("It is not told to anybody.", "en", voice))
    heard[engine] = sum(len(piece) for piece in speech.pieces if isinstance(piece, bytes))
time.sleep(float(sys.argv[1]))
tried = tries() - before
reach("192.0.2.1")
print(json.dumps({"heard": heard, "tried": tried, "counts": tries() - before - tried}))
"""


@pytest.mark.long
@pytest.mark.skipif(not has_namespaces(), reason="this machine gives no network namespace")
def test_speaking_asks_nobody_and_writes_nowhere(tmp_path):
    home, data, scratch = (tmp_path / name for name in ("home", "data", "tmp"))
    for folder in (home, data, scratch):
        folder.mkdir()
    environment = {
        "DATA_DIR": str(data), "HOME": str(home), "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(scratch),
    }  # fmt: skip
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", PROGRAM, str(WATCHED_SECONDS)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["tried"] == 0
    assert seen["counts"] == 1, "a try would not have been counted"
    assert min(seen["heard"].values()) > 10_000
    assert [*home.rglob("*")] == []
