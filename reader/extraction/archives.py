"""ZIP archives, as EPUB books and Word documents are: read with limits, never unpacked to disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress
from posixpath import normpath
from unicodedata import normalize
from urllib.parse import unquote

from lxml import etree

from reader.extraction.drafts import ExtractionError

MAX_ENTRIES = 20_000
MAX_ENTRY_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_RATIO = 200
SMALL_BYTES = 1024 * 1024  # whose ratio is of no interest
IS_UTF8 = 0x800  # the flag of an entry's name
DAMAGED = "This file is damaged or cut off: it cannot be unpacked."
TOO_LARGE = "What is packed into this file is far larger than a document: it is not read."


class Archive:
    """The entries of an archive, by their paths. Raises ExtractionError, nothing else."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise ExtractionError(DAMAGED) from error
        if len(entries) > MAX_ENTRIES:
            raise ExtractionError("There are far too many files packed into this one to be read.")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise ExtractionError(TOO_LARGE)
        places = {entry.header_offset for entry in entries}
        if len(places) < len(entries):
            raise ExtractionError(TOO_LARGE)  # entries that share their bytes: a bomb
        self._left = MAX_UNPACKED_BYTES
        self._entries = {entry.filename: entry for entry in entries}
        self._by_folded = {
            folded: entry.filename for entry in entries for folded in _spellings(entry)
        }

    def __contains__(self, path: str) -> bool:
        return self._find(path) is not None

    def paths(self) -> list[str]:
        return list(self._entries)

    def named(self, path: str) -> str:
        """Return the name of the entry that a path means, however it is spelled; else nothing."""
        path = normpath(path.replace("\\", "/")).lstrip("/")
        if path in self._entries:
            return path
        return self._by_folded.get(_folded(path)) or self._by_folded.get(_folded(unquote(path)), "")

    def read(self, path: str) -> bytes:
        """Return an entry's bytes, read no further than the limits."""
        entry = self._find(path)
        if entry is None:
            raise ExtractionError(f"A part of this file is missing: {path[:100]}.")
        if entry.flag_bits & 1:
            raise ExtractionError("This file is encrypted: remove the password and try again.")
        ratio_bytes = max(SMALL_BYTES, entry.compress_size * MAX_RATIO)
        most = min(MAX_ENTRY_BYTES, self._left, ratio_bytes)
        try:
            with self._zip.open(entry) as file:
                data = file.read(most + 1)
        except (zipfile.BadZipFile, OSError, zlib.error, EOFError, NotImplementedError,
                RuntimeError, ValueError) as error:  # fmt: skip
            raise ExtractionError(DAMAGED) from error
        if len(data) > most:
            raise ExtractionError(TOO_LARGE)
        self._left -= len(data)
        return data

    def xml(self, path: str) -> etree._Element:
        """Return an entry's XML, without anything that it names outside of itself."""
        return parse_xml(self.read(path))

    def _find(self, path: str) -> zipfile.ZipInfo | None:
        return self._entries.get(self.named(path))


def _spellings(entry: zipfile.ZipInfo) -> set[str]:
    """Return how an entry's name may be written: decoded, or in UTF-8 that was not said to be."""
    names = {entry.filename, unquote(entry.filename)}
    if not entry.flag_bits & IS_UTF8:
        with suppress(UnicodeError):
            names.add(entry.filename.encode("cp437").decode())
    return {_folded(name) for name in names}


def _folded(path: str) -> str:
    path = normalize("NFC", path.replace("\\", "/")).casefold()
    return normpath(path).lstrip("/")


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML; entities are not expanded, nothing is loaded. Raises ExtractionError."""
    parser = etree.XMLParser(
        resolve_entities="internal", load_dtd=False, no_network=True, huge_tree=False, recover=True,
        remove_comments=True, remove_pis=True, dtd_validation=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ExtractionError(DAMAGED) from error
    if root is None:
        raise ExtractionError(DAMAGED)
    return root
