"""``make bench-exports``: how fast files are made, and what that costs whoever listens.

    python -m tests.bench.exports             every row
    python -m tests.bench.exports heart kill  these rows alone

All processes of the Procfile run as ``make run`` starts them, on loopback. Speeds are seconds of
sound that are made in a second.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium_path

from .client import Listener
from .pages import presses
from .servers import fetch
from .stack import Stack, p

BLOCKS = int(os.environ.get("BLOCKS", "400"))
BOOK_BLOCKS = int(os.environ.get("BOOK_BLOCKS", "2200"))  # 300 pages
KINDS = ("opus", "m4b-opus", "m4b", "mp3", "mp3-chapters", "epub", "epub-sentences", "vtt")
ALONE = 30  # first sounds
LARGE_BYTES = 2 * 1024**3
PATIENCE_SECONDS = 1800


def main() -> int:
    names = sys.argv[1:] or list(ROWS)
    if unknown := set(names) - set(ROWS):
        print(f"There is no row {', '.join(unknown)}; there are: {', '.join(ROWS)}.")
        return 1
    with Stack() as stack:
        print(f"{stack.machine()}\n")
        for name in names:
            ROWS[name](stack)
    return 0


def espeak(stack: Stack) -> None:
    """Nothing is there: its sounds are made, by two processes."""
    uncached(stack, "espeak", "en-us")


def heart(stack: Stack) -> None:
    uncached(stack, "hibari", "heart")


def uncached(stack: Stack, model_slug: str, voice_slug: str) -> None:
    uuid = stack.add_document(BLOCKS, salt=f"export {model_slug}")
    made = finished(stack, begin(uuid, "opus", model_slug, voice_slug))
    print(f"nothing cached, {model_slug}/{voice_slug}: {speed(made)}")


def cached(stack: Stack) -> None:
    """All sounds and the times of their words are there."""
    uuid = stack.add_document(BLOCKS, salt="export cached")
    finished(stack, begin(uuid, "vtt", "espeak", "en-us"))
    for kind in KINDS:
        made = finished(stack, begin(uuid, kind, "espeak", "en-us"))
        print(f"cached, {kind:15} {speed(made)}")


def listener(stack: Stack) -> None:
    """First sounds of another document in the same voice, while a book of 300 pages is made."""
    stack.listen_in("espeak", "en-us")
    idle = asyncio.run(first_sounds(stack, "idle"))
    book = stack.add_document(BOOK_BLOCKS, salt="export book")
    export = begin(book, "m4b", "espeak", "en-us")
    while not again(export).progress:
        time.sleep(0.1)
    busy = asyncio.run(first_sounds(stack, "busy"))
    is_running = again(export).is_under_way
    stop(export)
    for what, at_rest, beside in zip(("first byte", "whole sound"), idle, busy, strict=True):
        print(
            f"{what}, idle: p50 {p(at_rest, 50):.1f}, p95 {p(at_rest, 95):.1f} ms; while a book is "
            f"exported: p50 {p(beside, 50):.1f}, p95 {p(beside, 95):.1f} ms, "
            f"{p(beside, 50) / p(at_rest, 50):.2f} times"
        )
    print(f"the book is still under way: {is_running}")


def heard(stack: Stack) -> None:
    """The same as a person has it: from the press on play to the first sample, in Chromium."""
    stack.listen_in("espeak", "en-us")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        idle = presses(stack, browser, ALONE, salt="heard idle")
        book = stack.add_document(BOOK_BLOCKS, salt="export heard book")
        export = begin(book, "m4b", "espeak", "en-us")
        while not again(export).progress:
            time.sleep(0.1)
        busy = presses(stack, browser, ALONE, salt="heard busy")
        is_running = again(export).is_under_way
        stop(export)
        browser.close()
    print(
        f"play → sound, idle: p50 {p(idle, 50):.0f}, p95 {p(idle, 95):.0f} ms; while a book is "
        f"exported: p50 {p(busy, 50):.0f}, p95 {p(busy, 95):.0f} ms, "
        f"{p(busy, 50) / p(idle, 50):.2f} times"
    )
    print(f"the book is still under way: {is_running}")


async def first_sounds(stack: Stack, salt: str) -> tuple[list[float], list[float]]:
    """Want one block after the other, each when the last one is there; return the ms until its
    first byte has come, and until it is whole."""
    uuid = stack.add_document(ALONE, salt=f"export {salt}")
    bytes_ms, whole_ms = [], []
    async with Listener(stack, uuid) as page:
        for idx in range(ALONE):
            began = time.perf_counter()
            await page.want([idx])
            while not (status := await page.next_status())["audio_url"]:
                pass
            await asyncio.to_thread(fetch, stack, status["audio_url"], 1)
            bytes_ms.append((time.perf_counter() - began) * 1000)
            while status["status"] != "cached":
                status = await page.next_status()
            whole_ms.append((time.perf_counter() - began) * 1000)
    return bytes_ms, whole_ms


def kill(stack: Stack) -> None:
    """SIGKILL for the processes that export, in the middle of the sounds, and of the pieces."""
    from tts.models import AudioVariant

    uuid = stack.add_document(BLOCKS, salt="export killed")
    export = begin(uuid, "m4b", "espeak", "en-us")
    for share in (0.3, 0.75):
        while again(export).progress < share and again(export).is_under_way:
            time.sleep(0.02)
        stack.kill("jobs")
        own = AudioVariant.objects.filter(text_hash__in=hashes_of(uuid), status="cached")
        before = dict(own.values_list("pk", "sound_revision"))
        pieces = pieces_of(export)
        stack.start_again("jobs")
        while again(export).progress <= share and again(export).is_under_way:
            time.sleep(0.1)
        after = dict(own.values_list("pk", "sound_revision"))
        now = pieces_of(export)
        sounds = sum(after[pk] != revision for pk, revision in before.items())
        twice = sum(now.get(name, at) != at for name, at in pieces.items())
        print(f"killed at {share:.0%}: of {len(before)} sounds {sounds} were made twice, of "
              f"{len(pieces)} pieces {twice}")  # fmt: skip
    made = finished(stack, export)
    print(f"then: {made.status}, {made.bytes} bytes; left of it: {len(pieces_of(export))} pieces")


def stream(stack: Stack) -> None:
    """A file of 2 GB is fetched, and a part from its middle; what web takes meanwhile."""
    from reader.models import Export

    made = finished(stack, begin(stack.add_document(1, salt="large"), "vtt", "espeak", "en-us"))
    with open(file_of(made), "wb") as file:
        file.truncate(LARGE_BYTES)
    Export.objects.filter(pk=made.pk).update(bytes=LARGE_BYTES)
    before = most = stack.resident("web")
    client = http.client.HTTPConnection(urlsplit(stack.url).netloc)
    cookies = "; ".join(f"{name}={value}" for name, value in stack.cookies.items())
    address, began, received = f"/exports/{made.uuid}/file/", time.perf_counter(), 0
    client.request("GET", address, headers={"Cookie": cookies})
    answer = client.getresponse()
    while piece := answer.read(4 * 1024 * 1024):
        received += len(piece)
        most = max(most, stack.resident("web"))
    seconds = time.perf_counter() - began
    part = {"Cookie": cookies, "Range": f"bytes={LARGE_BYTES // 2}-{LARGE_BYTES // 2 + 99}"}
    client.request("GET", address, headers=part)
    middle = client.getresponse()
    print(f"{received} bytes in {seconds:.1f} s; web grew from {before} to {most} MB; a part from "
          f"the middle: {middle.status}, {len(middle.read())} bytes")  # fmt: skip
    client.close()


# --- exports ----------------------------------------------------------------------------------


def begin(uuid: str, kind: str, model_slug: str, voice_slug: str):
    from reader.models import Document
    from reader.services.exports import begin_export
    from tts.models import Voice

    document = Document.objects.select_related("owner").get(uuid=uuid)
    voice = Voice.objects.by_slugs(model_slug, voice_slug).get()
    return begin_export(document=document, person=document.owner, kind=kind, voice=voice)


def again(export):
    from reader.models import Export

    return Export.objects.get(pk=export.pk)


def stop(export) -> None:
    from reader.services.exports import stop_export

    stop_export(export=again(export))


def finished(stack: Stack, export):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (now := again(export)).is_under_way:
        assert time.monotonic() < deadline, f"the export is at {now.progress:.0%}"
        time.sleep(0.05)
    assert now.status == "done", now.error
    return now


def speed(made) -> str:
    seconds = (made.finished_at - made.created_at).total_seconds()
    return (
        f"{made.duration_ms / 1000 / seconds:6.0f} times real time "
        f"({made.duration_ms / 3_600_000:.1f} h in {seconds:.1f} s)"
    )


def hashes_of(uuid: str):
    from reader.models import Block

    return Block.objects.filter(document__uuid=uuid).values("text_hash")


def file_of(export) -> Path:
    from django.conf import settings

    return Path(settings.MEDIA_ROOT) / str(export.file.name)


def pieces_of(export) -> dict[str, int]:
    """Return when each piece of an export was written."""
    from django.conf import settings

    found = Path(settings.MEDIA_ROOT, "exports").glob(f"{export.uuid.hex}-*.piece")
    return {each.name: each.stat().st_mtime_ns for each in found}


ROWS = {
    "espeak": espeak,
    "heart": heart,
    "cached": cached,
    "listener": listener,
    "heard": heard,
    "kill": kill,
    "stream": stream,
}


if __name__ == "__main__":
    sys.exit(main())
