"""Take a file apart in a child process, which may run out of memory or time, or crash."""

from __future__ import annotations

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from reader.extraction.drafts import BlockDraft, Entry, Extracted, ExtractionError, LeftOut, Picture

ROOT = Path(__file__).parent.parent.parent
# Below the time limit of the task that it runs in.
SECONDS = 300
SILENT_SECONDS = 60  # without a word from the child
LINE_BYTES = 16 * 1024 * 1024
ANSWER_BYTES = 1024**3
READ_BYTES = 256 * 1024

TOO_SLOW = "Reading this file takes far longer than a document may: it was given up."
CRASHED = "This file is broken in a way that crashes whatever reads it."
TOO_MUCH = "There is far more in this file than in a document: it was given up."

_NO_ANSWER: tuple[str, Any] = ("error", CRASHED)


def extract(kind: str, data: bytes, *, title: str = "") -> Extracted:
    """Do what ``reader.extraction.extract`` does, in a child that is ended with its blocks."""
    lines = _lines(kind, data, title)
    what, content = next(lines, _NO_ANSWER)
    if what != "document":
        lines.close()
        raise ExtractionError(content if what == "error" else CRASHED)
    about: dict[str, Any] = dict(content)
    about["outline"] = tuple(Entry(**entry) for entry in about["outline"])
    about["cover"] = about["cover"] and _picture(about["cover"])
    about["sounds"] = tuple(about["sounds"])
    left_out: list[LeftOut] = []
    about["left_out"] = left_out
    about["blocks"] = _blocks(lines, left_out)
    return Extracted(**about)


def _blocks(
    lines: Generator[tuple[str, Any], None, None], left_out: list[LeftOut]
) -> Iterator[BlockDraft]:
    try:
        for what, content in lines:
            if what == "block":
                yield _block(content)
            elif what == "left_out":
                left_out.append(LeftOut(**content))
            elif what == "done":
                return
            else:
                raise ExtractionError(content)
        raise ExtractionError(CRASHED)
    finally:
        lines.close()


def _block(content: dict[str, Any]) -> BlockDraft:
    pictures = tuple(map(_picture, content["pictures"]))
    clips = tuple(map(tuple, content["clips"]))
    anchors = tuple(content["anchors"])
    return BlockDraft(**{**content, "anchors": anchors, "pictures": pictures, "clips": clips})


def _picture(content: dict[str, str]) -> Picture:
    data = base64.b64decode(content["data"])
    return Picture(content["name"], content["content_type"], data)


def _lines(kind: str, data: bytes, title: str) -> Generator[tuple[str, Any], None, None]:
    """Yield what the child says; the child ends with this generator."""
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "reader.extraction.child", kind, title],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            # No key, no address of a database: nothing that a file could make it tell.
            env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PATH": os.defpath},
            start_new_session=True,
        )
    try:
        for line in _read(process):
            ((what, content),) = json.loads(line).items()
            yield what, content
        if process.wait(5) == -signal.SIGXCPU:
            yield "error", TOO_SLOW
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def _read(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert process.stdout
    deadline, received, rest = time.monotonic() + SECONDS, 0, b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            patience = min(SILENT_SECONDS, deadline - time.monotonic())
            if patience <= 0 or not selector.select(patience):
                raise ExtractionError(TOO_SLOW)
            piece = os.read(process.stdout.fileno(), READ_BYTES)
            if not piece:
                return
            received += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            if received > ANSWER_BYTES or len(rest) > LINE_BYTES:
                raise ExtractionError(TOO_MUCH)
            yield from lines
