"""The text as Markdown: CommonMark, with tables as GitHub has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree, html

from reader.exporting.writers.book import Book, Passage
from reader.exporting.writers.kind import Pieces
from reader.exporting.writers.timeline import Piece
from reader.extraction.sanitise import shown_text

# What CommonMark, tables and formulas would take for markup wherever it stands …
SIGNS = re.compile(r"[\\`*_\[\]<>&~|#$]")
# … and at the beginning of a line: a list, or the line under a heading.
LIST_SIGN = re.compile(r"^(\s*)(?:(\d{1,9})(?=[.)])|(?=[-+=]))", re.M)
STRONG, EMPHASIS = {"strong", "b"}, {"em", "i", "cite", "dfn", "var"}
CODE = {"code", "kbd", "samp"}
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>()\\]+")


@dataclass(frozen=True, slots=True)
class Markdown:
    slug: str = "markdown"
    name: str = "Text, Markdown"
    about: str = "The text with its headings, lists and tables."
    extension: str = "md"
    content_type: str = "text/markdown; charset=utf-8"
    has_voice: bool = False
    needs_words: bool = False
    bytes_per_second: int = 0
    times_real_time: int = 0

    def pieces(self, book: Book) -> Sequence[Piece]:
        return ()

    def make(self, book: Book, piece: Piece) -> Sequence[bytes]:
        return ()

    def write(
        self, book: Book, pieces: Pieces, target: Path, alive: Callable[[float], None]
    ) -> None:
        with target.open("w", encoding="utf-8", newline="\n", errors="replace") as file:
            for number, part in enumerate(_parts(book)):
                file.write(f"\n{part}\n" if number else f"{part}\n")


def _parts(book: Book) -> Iterator[str]:
    first = book.passages[0] if book.passages else None
    has_title = first and first.kind == "heading" and shown_text(first.html).strip() == book.title
    if book.title and not has_title:
        yield f"# {_line(book.title)}"
    if book.author:
        yield _line(book.author)
    for passage in book.passages:
        if part := markdown_of(passage):
            yield part


def markdown_of(passage: Passage) -> str:
    root = html.fragment_fromstring(passage.html, create_parent="div")
    if passage.kind == "heading":
        level = min(6, max(1, passage.level))
        return f"{'#' * level} {' '.join(_inline(root).split())}"
    if passage.kind == "code":
        return _code(shown_text(passage.html))
    if (table := root.find(".//table")) is not None:
        return _table(table)
    text = _lines(_inline(root))
    if not text:
        return ""
    if passage.kind == "quotation":
        sign = "> " * max(1, passage.level)
        return "\n".join(f"{sign}{line}" for line in text.split("\n"))
    if passage.kind == "list_item":
        return _item(root, text, passage.level)
    return text


def _item(root: etree._Element, text: str, depth: int) -> str:
    indent = "    " * max(0, depth - 1)
    numbered, item = root.find(".//ol"), root.find(".//li")
    number = ""
    if numbered is not None:
        number = (item.get("value") if item is not None else None) or numbered.get("start") or "1"
    sign = f"{number}." if number.lstrip("-").isdigit() else "-"
    return f"{indent}{sign} " + text.replace("\n", f"\n{indent}    ")


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.strip(chr(10))}\n{fence}"


def _table(table: etree._Element) -> str:
    rows = [
        [" ".join(_inline(cell).split()) for cell in row if cell.tag in ("th", "td")]
        for row in table.iter("tr")
    ]
    rows = [row for row in rows if row]
    if not rows:
        return ""
    width = max(map(len, rows))
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    lines.insert(1, f"|{' --- |' * width}")
    caption = table.find("caption")
    said = _lines(_inline(caption)) if caption is not None else ""
    return "\n".join([f"{said}\n", *lines] if said else lines)


def _inline(element: etree._Element) -> str:
    """Return what is in an element as Markdown, line breaks as line ends."""
    parts = [_escaped(element.text or "")]
    for child in element:
        parts.append(_element(child))
        parts.append(_escaped(child.tail or ""))
    return "".join(parts)


def _element(child: etree._Element) -> str:
    name = child.tag if isinstance(child.tag, str) else ""
    if name == "br":
        return "\n"
    if name == "img":
        return f"*{_escaped(alt)}*" if (alt := (child.get("alt") or "").strip()) else ""
    if name == "math":  # one piece: its text, as it is shown
        return _escaped(" ".join("".join(child.itertext()).split()))
    if name in CODE:
        return _marked("".join(child.itertext()))
    inner = _inline(child)
    if name in STRONG or name in EMPHASIS:
        return _around(inner, "**" if name in STRONG else "*")
    if name == "a" and ADDRESS.fullmatch(child.get("href", "")) and inner.strip():
        return f"[{inner}]({child.get('href')})"
    if name in {"p", "li", "figcaption", "div", "dt", "dd"} and child.getprevious() is not None:
        return f"\n{inner}"
    return inner


def _around(inner: str, sign: str) -> str:
    """Put signs around words; blanks stay outside, or they would not be understood."""
    words = inner.strip()
    if not words or "\n" in words:
        return inner
    at = inner.index(words)
    return f"{inner[:at]}{sign}{words}{sign}{inner[at + len(words) :]}"


def _marked(code: str) -> str:
    code = " ".join(code.split())
    if not code:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    sign = "`" * (longest + 1)
    gap = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{sign}{gap}{code}{gap}{sign}"


def _lines(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.strip().split("\n")]
    return "\\\n".join(LIST_SIGN.sub(r"\1\2\\", line) for line in lines if line)


def _line(text: str) -> str:
    return _lines(_escaped(" ".join(text.split())))


def _escaped(text: str) -> str:
    return SIGNS.sub(r"\\\g<0>", text.replace("\n", " "))


MARKDOWN = Markdown()
