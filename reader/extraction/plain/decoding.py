"""Bytes of a text file -> clean text."""

from __future__ import annotations

import codecs
import re

from reader.extraction.drafts import ExtractionError

SAMPLE = 65_536  # bytes or characters looked at to tell text from something else

# UTF-32 first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive, as Word documents and EPUB books are"),
    (b"\xd0\xcf\x11\xe0", "a document of an older Microsoft Office"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"RIFF", "a sound or picture file"),
    (b"\x1f\x8b\x08", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
)

_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_UNLIKELY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ue000-\uf8ff\ufff0-\uffff]")
_RARE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes) -> str:
    """Return the text of a file, cleaned; raise ExtractionError if it is not text."""
    for signature, what in SIGNATURES:
        if data.startswith(signature):
            raise ExtractionError(
                f"This file is not text: it looks like {what}. "
                "Save or export it as plain text (.txt) and try again."
            )
    text = _by_mark(data) or _by_zeros(data) or _as_utf8(data) or _as_windows_1252(data)
    return clean(text)


def clean(text: str) -> str:
    r"""Return text with ``\n`` as its only line end and without what cannot be shown.

    Control characters are dropped, halves of surrogate pairs put together or replaced.
    """
    if not _RARE.search(text):
        return text
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _NEWLINE.sub("\n", text.removeprefix("\ufeff")).replace("\u2029", "\n\n")
    return _CONTROL.sub("", text)


def _by_mark(data: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _plausible(data[len(mark) :].decode(encoding, "replace"))
    return ""


def _by_zeros(data: bytes) -> str:
    """Decode UTF-16 without a mark: the high bytes of Western text are 0, at every second place.

    Where few are 0 (the spaces of Chinese or Russian), the bytes must also make no sense as UTF-8.
    """
    sample = data[:SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if most == 0 or least > most / 4:
        return ""
    if most < len(sample) / 10 and _is_utf8(data) and _is_plausible(data.decode()):
        return ""
    try:
        text = data.decode("utf-16-le" if odd > even else "utf-16-be")
    except UnicodeDecodeError:
        return ""
    return text if _is_plausible(text) else ""


def _as_utf8(data: bytes) -> str:
    if _is_utf8(data):
        return _plausible(data.decode())
    # A file cut off in the middle of a letter, or with a few broken ones, is still UTF-8.
    text = data.decode(errors="replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return text if whole > 20 * broken and _is_plausible(text) else ""


def _as_windows_1252(data: bytes) -> str:
    """Decode the Western 8-bit encoding, of which Latin-1 text is a part."""
    if not data:
        return ""
    text = data.decode("cp1252", "replace")
    sample = text[:SAMPLE]
    foreign = sum(1 for character in sample if character > "\x7f")
    if foreign > 0.3 * len(sample):
        raise ExtractionError(
            "This file is not text, or in a character encoding that is not recognised. "
            "Save it as plain text in UTF-8 and try again."
        )
    return _plausible(text)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plausible(text: str) -> str:
    if _is_plausible(text):
        return text
    raise ExtractionError(
        "This file is not text: most likely it belongs to another program. "
        "Save or export it as plain text (.txt) and try again."
    )


def _is_plausible(text: str) -> bool:
    """Tell whether control, private and broken characters are but a few."""
    sample = text[:SAMPLE]
    return len(_UNLIKELY.findall(sample)) <= max(4, len(sample) // 50)
