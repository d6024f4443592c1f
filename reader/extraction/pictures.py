"""Pictures that a document brings along: known by their first bytes, kept within limits."""

from __future__ import annotations

from collections.abc import Callable

from reader.extraction.drafts import ExtractionError, Picture

MAX_PICTURES = 500
MAX_PICTURE_BYTES = 3 * 1024 * 1024
MAX_BYTES = 40 * 1024 * 1024
# What is smaller and says nothing is an ornament.
ORNAMENT_BYTES = 2_000
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class Pictures:
    """Takes pictures out of a document by the names that it has for them."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._count = self._bytes = 0

    def find(self, source: str) -> Picture | None:
        """Return a picture; None for one that is not there, is none, or goes over a limit."""
        if not source or self._count >= MAX_PICTURES:
            return None
        try:
            data = self._read(source)
        except ExtractionError:
            return None
        content_type = type_of(data or b"")
        if not data or not content_type or len(data) > MAX_PICTURE_BYTES:
            return None
        if self._bytes + len(data) > MAX_BYTES:
            return None
        import hashlib  # it loads OpenSSL, and many a document has no pictures

        self._count += 1
        self._bytes += len(data)
        return Picture(hashlib.blake2b(data, digest_size=20).hexdigest(), content_type, data)


def type_of(data: bytes) -> str:
    """Return what a picture is; nothing for what could run or load something, as SVG can."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in SIGNATURES if data.startswith(start)), "")
