"""Documents of every format -> block drafts. Knows no Django.

One module per format, listed once in ``FORMATS``.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, cast

from reader.extraction.drafts import BlockDraft, Entry, Extracted, ExtractionError, LeftOut, Picture
from reader.extraction.plain.decoding import decode

__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "IMPORTER",
    "BlockDraft",
    "Entry",
    "Extracted",
    "ExtractionError",
    "Format",
    "LeftOut",
    "Picture",
    "decode",
    "extract",
    "kind_of",
]


class Format(NamedTuple):
    """A content kind, and how its files are recognised. Its module bears its name."""

    name: str  # for a person, in the plural
    extensions: tuple[str, ...]


FORMATS: dict[str, Format] = {
    "pdf": Format("PDF", (".pdf",)),
    "epub": Format("EPUB", (".epub",)),
    "docx": Format("Word", (".docx",)),
    "html": Format("web pages", (".html", ".htm", ".xhtml")),
    "markdown": Format("Markdown", (".md", ".markdown")),
    "text": Format("plain text", (".txt", ".text")),
}
# Raised when the same source gives other blocks than before: documents of an older importer are
# offered to be read again.
IMPORTER = 6
LONGEST_END = 22 + 65_535
MAX_DIRECTORY_BYTES = 2 * 1024 * 1024
EXTENSIONS = tuple(extension for known in FORMATS.values() for extension in known.extensions)


def extract(kind: str, data: bytes, *, title: str = "") -> Extracted:
    """Take a file of a kind in FORMATS apart; raise ExtractionError if that cannot be done."""
    module = import_module(f"reader.extraction.formats.{kind}")  # only what it needs is loaded
    take_apart = cast(Callable[[bytes, str], Extracted], module.extract_file)
    return take_apart(data, title)


def kind_of(filename: str, data: bytes) -> str:
    """Return the kind of a file by what is in it, and by its name where that does not tell.

    Raises ExtractionError for one that is not read, which says what it is and what to do.
    """
    head = data[:1024]
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(data, filename)
    from reader.extraction import foreign  # much to load, of which what is read needs nothing

    name = filename.lower()
    if words := foreign.told(data, filename):
        raise ExtractionError(words)
    by_name = next((kind for kind, known in FORMATS.items() if name.endswith(known.extensions)), "")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"<?xml") and b"<html" in data[:4096].lower():
        return "html"
    if by_name in {"text", "html", "markdown"}:
        return by_name
    if by_name:
        raise ExtractionError(
            f"This file is named {FORMATS[by_name].extensions[0]}, and is none: it is damaged, or "
            "has another format."
        )
    if words := foreign.told_of_name(filename):
        raise ExtractionError(words)
    decode(data)  # says what it is, if it is no text
    if "." in name.rpartition("/")[2] and not name.endswith((".log", ".rst", ".asc", ".tex")):
        offered = ", ".join(known.name for known in FORMATS.values())
        raise ExtractionError(f"Files of this type cannot be read. What can be read: {offered}.")
    return "text"


def _kind_of_archive(data: bytes, filename: str) -> str:
    # The end of the archive says how large its directory is, which is read whole.
    end = data.rfind(b"PK\x05\x06", -LONGEST_END)
    directory = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    if directory > MAX_DIRECTORY_BYTES:
        raise ExtractionError("There are far too many files packed into this one to be read.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()[:20_000]
            mimetype = _mimetype(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ExtractionError("This file is damaged or cut off: it cannot be unpacked.") from error
    names = [entry.filename for entry in entries]
    if any(name.startswith("word/") and name.endswith(".xml") for name in names):
        return "docx"
    if "META-INF/container.xml" in names or any(name.endswith(".opf") for name in names):
        return "epub"
    from reader.extraction import foreign

    is_locked = any(entry.flag_bits & 1 for entry in entries)
    raise ExtractionError(
        foreign.told_of_archive(names, mimetype, is_locked=is_locked, filename=filename)
    )


def _mimetype(archive: zipfile.ZipFile) -> str:
    """Return what an archive says that it is, as OpenDocument and EPUB have it."""
    try:
        with archive.open("mimetype") as file:
            return file.read(200).decode("ascii", "replace")
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError,
            zlib.error, EOFError):  # fmt: skip
        return ""
