"""``make bench-pages``: how much of a web page's article is found, beside two libraries.

``PAGES`` names a folder, or an archive, with a folder for each page: ``source.html``, and
``expected.html`` with the article alone. The pages are their publishers', and not part of Lectern.

Compared are words (``\\w+``, in lower case) as multisets: what share of what was found belongs to
the article (precision), what share of the article was found (recall), and their harmonic mean (F1).
"""

from __future__ import annotations

import logging
import re
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import lxml.html
import readability
import trafilatura

from reader.extraction import extract
from reader.extraction.article.passages import squeeze
from reader.extraction.plain.decoding import decode_page
from reader.extraction.sanitise import shown_text
from reader.extraction.tree.elements import BLOCKS, UNSHOWN, name_of

WORST = 10
HEAD = re.compile(r"<thead>.*?</thead>", re.DOTALL)
DESCRIPTION = re.compile(r"(?<=<figure>)((?:<img[^>]*>)*)<p>.*?</p>", re.DOTALL)
MISSING = """\
There are no pages at {path}. Say where they are: make bench-pages PAGES=folder-or-archive, with a
folder for each page that holds source.html and expected.html, as mozilla/readability has them
under test/test-pages."""


class Score(NamedTuple):
    """Of one page, or the mean of many."""

    f1: float
    precision: float
    recall: float
    milliseconds: float


def main() -> int:
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "pages")
    if not path.exists():
        print(MISSING.format(path=path))
        return 1
    logging.disable(logging.CRITICAL)
    for find in READERS.values():  # what they load once is not counted
        find(b"<html><body><p>One.</p></body></html>")
    scores: dict[str, list[Score]] = {name: [] for name in READERS}
    names = []
    with folder_of(path) as pages:
        for source in sorted(pages.rglob("source.html")):
            names.append(source.parent.name)
            expected = words(shown(lxml.html.parse(source.with_name("expected.html"), UTF8)))
            for reader, find in READERS.items():
                scores[reader].append(scored(find, source.read_bytes(), expected))
    if not names:
        print(MISSING.format(path=path))
        return 1
    print(f"{len(names)} pages{'':14}F1  precision  recall   ms a page")
    for reader, each in scores.items():
        mean = Score(*(sum(values) / len(values) for values in zip(*each, strict=True)))
        print(f"{reader:20}{mean.f1:.4f}{mean.precision:11.4f}{mean.recall:8.4f}"
              f"{mean.milliseconds:12.0f}")  # fmt: skip
    print(f"\nOur {WORST} worst pages (F1, precision, recall; the libraries' F1)")
    rows = sorted(zip(scores["Lectern"], names, *list(scores.values())[1:], strict=True))
    for ours, name, *others in rows[:WORST]:
        theirs = "  ".join(f"{other.f1:.3f}" for other in others)
        print(f"{name:32}{ours.f1:.3f}  {ours.precision:.3f}  {ours.recall:.3f}    {theirs}")
    return 0


@contextmanager
def folder_of(path: Path) -> Iterator[Path]:
    """Give the folder of the pages, unpacked for as long as it is used."""
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory() as unpacked, tarfile.open(path) as archive:
        archive.extractall(unpacked, filter="data")
        yield Path(unpacked)


def scored(find: Callable[[bytes], str], page: bytes, expected: Counter[str]) -> Score:
    began = time.perf_counter()
    found = words(find(page))
    taken = 1000 * (time.perf_counter() - began)
    shared = (found & expected).total()
    precision, recall = shared / max(1, found.total()), shared / max(1, expected.total())
    f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
    return Score(f1, precision, recall, taken)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


UTF8 = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True)


def shown(tree) -> str:
    """Return the text of a tree, with spaces between its blocks and none within words."""
    pieces = []
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        name = name_of(element)
        if event == "start":
            pieces.append(" " if name in BLOCKS or name == "br" else "")
            pieces.append((element.text or "") if name not in UNSHOWN else "")
        else:
            pieces.append(" " if name in BLOCKS else "")
            pieces.append(element.tail or "")
    return "".join(pieces)


def ours(page: bytes) -> str:
    """Return the article's words, without what the others tell apart from them.

    That is a first heading which is the page's title, what is said of a picture that is not seen,
    and the head of a long table, which each part of it has again.
    """
    extracted = extract("html", page)
    blocks = list(extracted.blocks)
    first = squeeze(blocks[0].shown) if blocks and blocks[0].kind == "heading" else ""
    title = squeeze(extracted.title)
    if first and (first in title or title in first):
        del blocks[0]
    pieces, head = [], ""
    for block in blocks:
        html = DESCRIPTION.sub(r"\1", block.html) if block.kind == "figure" else block.html
        found = HEAD.search(html)
        pieces.append(
            shown_text(html.replace(found[0], "") if found and found[0] == head else html)
        )
        head = found[0] if found else ""
    return "\n".join(pieces)


def by_readability(page: bytes) -> str:
    article = readability.Document(decode_page(page)).summary()
    return shown(lxml.html.document_fromstring(article.encode(), UTF8))


def by_trafilatura(page: bytes) -> str:
    return trafilatura.extract(page, include_comments=False) or ""


READERS: dict[str, Callable[[bytes], str]] = {
    "Lectern": ours,
    "readability-lxml": by_readability,
    "trafilatura": by_trafilatura,
}

if __name__ == "__main__":
    sys.exit(main())
