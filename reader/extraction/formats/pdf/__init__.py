"""PDF -> block drafts: what the page's layout says of paragraphs, headings, lists and the rest.

page/         a page -> its lines: characters, pieces on one baseline, columns, rows
survey.py     what holds for the whole file; outline.py: its bookmarks; legible.py: if it has words
furniture.py  what of a page is not read
kinds.py      what each line is by itself; running.py: if a page has more than what is displayed
layout.py     lines -> paragraphs; joining.py: which goes on in which; setting.py: margins and
              distances; footnotes.py: notes apart
writing.py    paragraphs -> blocks
"""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2 as pdfium

from reader.extraction.drafts import BlockDraft, Entry, Extracted, ExtractionError, LeftOut
from reader.extraction.language import guess_language

from .layout import Typesetter
from .legible import is_legible
from .outline import Outline
from .page import Page, page_of
from .survey import sample, survey

MAX_PAGES = 20_000
MAX_OUTLINE = 5_000
SCAN = (
    "This PDF is a scan: its pages are pictures without any text, so there is nothing to read "
    "aloud. Run a text recognition (OCR) over it first, then bring it in again."
)
FONTS = (
    "The fonts of this PDF do not tell which letters they draw: read aloud, it would be gibberish. "
    "Run a text recognition (OCR) over it first, then bring it in again."
)
FONTS_OF_PAGE = "The fonts of this page do not tell which letters they draw."
# Of the pages that were looked at: beyond it, nothing in the file is worth reading.
ILLEGIBLE_SHARE, SOME_ILLEGIBLE = 0.5, 0.15
ENCRYPTED = "This PDF is encrypted: remove its password, then bring it in again."
DAMAGED = "This PDF is damaged or cut off: it cannot be opened."


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a PDF apart. Raises ExtractionError."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        encrypted = b"/Encrypt" in data and "password" in str(error).lower()
        raise ExtractionError(ENCRYPTED if encrypted else DAMAGED) from error
    pages = len(document)
    if not pages:
        raise ExtractionError(DAMAGED)
    if pages > MAX_PAGES:
        raise ExtractionError(f"This PDF has more than {MAX_PAGES:,} pages: bring it in in parts.")
    numbers = sample(pages)
    sampled = [_read(document, number) for number in numbers]
    found = survey(sampled, numbers)
    known = dict(zip(numbers, sampled, strict=True))
    if not found.has_text:
        raise ExtractionError(FONTS if any(page.is_mute for page in sampled) else SCAN)
    illegible = _illegible_share(sampled)
    if illegible > ILLEGIBLE_SHARE:
        raise ExtractionError(FONTS)
    entries = list(_bookmarks(document))
    text = "\n".join(line.text for page in sampled[len(sampled) // 4 :] for line in page.lines)
    language = guess_language(text)
    outline = Outline(entries)
    left_out: list[LeftOut] = []
    return Extracted(
        title.strip() or _said(document, "Title") or outline.title,
        language,
        _blocks(
            document,
            Typesetter(found, outline, language),
            known,
            illegible > SOME_ILLEGIBLE,
            left_out,
        ),
        author=_said(document, "Author"),
        parts=pages,
        unit="pages",
        outline=tuple(Entry(level, name, f"page {page}: {name}") for level, name, page in entries),
        left_out=left_out,
    )


def _illegible_share(pages: list[Page]) -> float:
    """Return of how much of the text the letters are not to be told."""
    texts = [page.text for page in pages]
    illegible = sum(len(text) for text in texts if not is_legible(text))
    whole = sum(map(len, texts))
    return 1.0 if not is_legible(" ".join(texts)) else illegible / max(whole, 1)


def _blocks(
    document: pdfium.PdfDocument,
    typesetter: Typesetter,
    known: dict[int, Page],
    is_doubtful: bool,
    left_out: list[LeftOut],
) -> Iterator[BlockDraft]:
    for number in range(len(document)):
        page = known.pop(number, None) or _read(document, number)
        if page.is_mute or (is_doubtful and not is_legible(page.text)):
            left_out.append(LeftOut(f"Page {number + 1}", FONTS_OF_PAGE))
            continue
        for block in typesetter.add_page(number, page):
            yield block._replace(part=number + 1)
    for block in typesetter.finish():
        yield block._replace(part=len(document))
    left_out += typesetter.furniture.told()
    document.close()


def _read(document: pdfium.PdfDocument, number: int) -> Page:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return Page()  # one broken page does not spoil a book
    try:
        return page_of(page)
    finally:
        page.close()


def _bookmarks(document: pdfium.PdfDocument) -> Iterator[tuple[int, str, int]]:
    """Yield level (from 1), title and page index of the file's own outline."""
    try:
        for count, item in enumerate(document.get_toc(max_depth=8)):
            if count >= MAX_OUTLINE:
                return
            title = " ".join(item.get_title().split())[:300]
            target = item.get_dest()
            index = target.get_index() if target else None
            if title and index is not None:
                yield item.level + 1, title, index
    except pdfium.PdfiumError:
        return


def _said(document: pdfium.PdfDocument, name: str) -> str:
    value = " ".join((document.get_metadata_value(name) or "").split())[:300]
    # What word processors write by themselves says nothing to a person.
    is_file_name = value.lower().endswith(
        (".doc", ".docx", ".tex", ".dvi", ".pdf", ".indd", ".qxd")
    )
    return "" if is_file_name or value.lower() in {"untitled", "unknown"} else value
