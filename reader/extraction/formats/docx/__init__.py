"""Word documents (DOCX) -> block drafts: styles to headings, lists and the like; notes last.

package.py  the parts, and how they refer to each other; names.py: names of their elements
styles.py   what a style makes of a paragraph; lists and their numbers
body.py     paragraphs and tables, in their order
runs.py     the running text of a paragraph; symbols.py: letters of symbol fonts
mathematics.py  Word's formulas -> MathML
"""

from __future__ import annotations

from lxml import etree

from reader.extraction.archives import Archive
from reader.extraction.drafts import Extracted, ExtractionError
from reader.extraction.formats.docx.body import Reader
from reader.extraction.formats.docx.package import Package
from reader.extraction.language import guess_language
from reader.extraction.pictures import Pictures
from reader.extraction.tree.blocks import blocks_of

ENOUGH_TO_GUESS = 400  # characters: more than that says more than Word's default


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a Word document apart. Raises ExtractionError."""
    package = Package(Archive(data))
    reader = Reader(package)
    body = reader.body()

    def picture(path: str) -> bytes | None:
        try:
            return package.read(path)
        except ExtractionError:
            return None

    language = _language(package.language(), " ".join(body.itertext()))
    found_title, author = package.properties()
    return Extracted(
        title.strip() or found_title or _first_title(body),
        language,
        blocks_of(body, language, Pictures(picture)),
        author=author,
        left_out=reader.left_out,
    )


def _language(told: str, text: str) -> str:
    """Return the language of the text; the default of whoever's Word it was says little."""
    guessed = guess_language(text)
    if told and (not guessed or told.lower().partition("-")[0] == guessed):
        return told
    return guessed if len(text) >= ENOUGH_TO_GUESS else told or guessed


def _first_title(body: etree._Element) -> str:
    first = next(iter(body), None)
    if first is not None and first.tag in {"h1", "h2"}:
        return " ".join("".join(first.itertext()).split())[:300]
    return ""
