"""``python -m reader.extraction.child KIND TITLE``: take a file apart in a process of its own.

The file comes on standard input. On standard output go lines of JSON: ``document``, then one
``block`` each, ``left_out`` for each part that is missing, then ``done``; or ``error``, in words
for a person.
"""

from __future__ import annotations

import base64
import ctypes
import json
import resource
import signal
import sys

from reader.extraction import extract
from reader.extraction.drafts import ExtractionError

PR_SET_PDEATHSIG = 1  # from linux/prctl.h
MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 280
MOST_LEFT_OUT = 200
TOO_MUCH_MEMORY = "Reading this file would take far more memory than a document may."
BROKEN = "This file is broken in a way that it could not be read."


def main() -> int:
    limit()
    kind, title = sys.argv[1:]
    try:
        extracted = extract(kind, sys.stdin.buffer.read(), title=title)
        about = extracted._asdict()
        outline = [entry._asdict() for entry in extracted.outline]
        cover = extracted.cover and extracted.cover._asdict()
        told_later = {"blocks": None, "left_out": None}
        say("document", about | told_later | {"outline": outline, "cover": cover})
        for block in extracted.blocks:
            pictures = [picture._asdict() for picture in block.pictures]
            say("block", block._asdict() | {"pictures": pictures})
        for part in extracted.left_out[:MOST_LEFT_OUT]:
            say("left_out", part._asdict())
    except ExtractionError as error:
        say("error", str(error))
    except MemoryError:
        say("error", TOO_MUCH_MEMORY)
    except RecursionError:
        say("error", "This document is nested too deeply to be read here.")
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        say("error", BROKEN)
    else:
        say("done", True)
    sys.stdout.flush()
    return 0


def say(what: str, content: object) -> None:
    print(json.dumps({what: content}, default=_written), flush=what != "block")


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode()


def limit() -> None:
    """Bound what a hostile file can take; nothing can be written but the answer."""
    if sys.platform == "linux":  # whoever asked may be killed: then nobody wants the answer
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main())
