"""Hand out sound: live or stored, in pieces, with Range. Who may hear it is asked elsewhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import BinaryIO

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from tts.delivery import live
from tts.demand import figures, heard
from tts.models import AudioVariant, Status

# A block's sound is mostly smaller than this and answered at once, without further switches
# between threads; what is larger goes out in pieces.
AT_ONCE_BYTES = 256 * 1024
PIECE_BYTES = 64 * 1024
# Of a stored sound: how long it is silent at its beginning and at its end, in ms.
SILENCE = "Sound-Silence"
YEAR_SECONDS = 365 * 24 * 3600
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$", re.ASCII)


class SoundGone(Exception):
    """The database says there is a file, and there is none, or one of another size."""


class Unsatisfiable(Exception):
    """The range asked for lies outside of the sound."""


def sound_response(request: HttpRequest, variant: AudioVariant) -> HttpResponseBase:
    """Answer with the variant's sound, as it grows or stored. Raises SoundGone."""
    if variant.status == Status.PROCESSING:
        figures.note(**{figures.LIVE: 1})
        return _live(request, variant)
    response = _stored(request, variant, open_stored(str(variant.file.name), variant.bytes))
    heard.note([variant.pk])
    figures.note(**{figures.UNCHANGED if response.status_code == 304 else figures.STORED: 1})
    return response


def _live(request: HttpRequest, variant: AudioVariant) -> HttpResponseBase:
    headers = {"Content-Type": variant.content_type, "Cache-Control": "no-store"}
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(live.read(variant.pk, variant.sound_revision), headers=headers)


def open_stored(name: str, size: int) -> BinaryIO:
    """Open a stored file that has this size. Raises SoundGone."""
    try:
        file = default_storage.open(name)
        is_whole = file.size == size
    except OSError as error:
        raise SoundGone from error
    if not is_whole:
        file.close()
        raise SoundGone
    return file  # type: ignore[return-value]


def _stored(request: HttpRequest, variant: AudioVariant, file: BinaryIO) -> HttpResponseBase:
    return file_response(
        request,
        file,
        size=variant.bytes,
        etag=f'"{variant.pk.hex}-{variant.sound_revision}"',
        headers={
            "Content-Type": variant.content_type,
            "Cache-Control": f"private, max-age={YEAR_SECONDS}, immutable",
            SILENCE: f"{variant.lead_ms} {variant.trail_ms}",
        },
    )


def file_response(
    request: HttpRequest, file: BinaryIO, *, size: int, etag: str, headers: dict[str, str]
) -> HttpResponseBase:
    """Answer with an open file, or with the part of it that is asked for, in pieces."""
    headers = {**headers, "Accept-Ranges": "bytes", "ETag": etag}
    if _names(request.headers.get("If-None-Match", ""), etag):
        file.close()
        return HttpResponse(status=304, headers=headers)
    try:
        part = _range(request, etag, size)
    except Unsatisfiable:
        file.close()
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    first, last = part or (0, size - 1)
    headers["Content-Length"] = str(last - first + 1)
    if part:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers)
    if last - first < AT_ONCE_BYTES:
        with file:
            file.seek(first)
            return HttpResponse(file.read(last - first + 1), status=status, headers=headers)
    return StreamingHttpResponse(_pieces(file, first, last), status=status, headers=headers)


async def _pieces(file: BinaryIO, first: int, last: int) -> AsyncIterator[bytes]:
    try:
        await asyncio.to_thread(file.seek, first)
        left = last - first + 1
        while left > 0:
            piece = await asyncio.to_thread(file.read, min(PIECE_BYTES, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
    finally:
        file.close()


def _names(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def _range(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for, or None for the whole (RFC 9110, section 14).

    A malformed range, several ranges, or an If-Range that does not hold mean the whole.
    """
    if request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != etag:
        return None
    match = RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if not match or match.groups() == ("", ""):
        return None
    start, end = match.groups()
    if not start:  # the last so many bytes
        if int(end) == 0:
            raise Unsatisfiable
        return max(0, size - int(end)), size - 1
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    if end and int(end) < int(start):
        return None
    if first >= size:
        raise Unsatisfiable
    return first, last
