"""Documents of every format -> block drafts. Knows no Django.

One module per format, listed once in ``FORMATS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reader.extraction import docx, epub, html, markdown, pdf, text
from reader.extraction.decoding import decode
from reader.extraction.drafts import BlockDraft, Extracted, ExtractionError

__all__ = [
    "FORMATS",
    "BlockDraft",
    "Extracted",
    "ExtractionError",
    "Format",
    "decode",
    "extract",
    "format_for",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A content kind, how its files are recognised, and what takes them apart."""

    name: str  # for a person, in the plural
    extensions: tuple[str, ...]
    extract: Callable[[bytes, str], Extracted]  # data, title that the person gave


FORMATS: dict[str, Format] = {
    "text": Format("plain text files", (".txt", ".text"), text.extract_file),
    "pdf": Format("PDF documents", (".pdf",), pdf.extract_file),
    "epub": Format("EPUB books", (".epub",), epub.extract_file),
    "docx": Format("Word documents", (".docx",), docx.extract_file),
    "html": Format("web pages", (".html", ".htm", ".xhtml"), html.extract_file),
    "markdown": Format("Markdown files", (".md", ".markdown"), markdown.extract_file),
}


def extract(kind: str, data: bytes, *, title: str = "") -> Extracted:
    """Take a file of a kind in FORMATS apart; raise ExtractionError if that cannot be done."""
    return FORMATS[kind].extract(data, title)


def format_for(filename: str) -> str:
    """Return the kind of a file by its name; raise ExtractionError for one that is not read."""
    name = filename.lower()
    for kind, known in FORMATS.items():
        if name.endswith(known.extensions):
            return kind
    offered = ", ".join(
        f"{known.name} ({', '.join(known.extensions)})" for known in FORMATS.values()
    )
    raise ExtractionError(f"Files of this type cannot be read. What can be read: {offered}.")
