"""Plain text -> passages: what is a heading, a list item, a quotation, code or a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reader.extraction.plain.headings import (
    LONGEST_HEADING,
    chapter_level,
    is_capitals,
    is_centred,
    may_be_heading,
    may_be_title,
)
from reader.extraction.plain.lists import Marker, bullet, numbered_lines
from reader.extraction.plain.reflow import LONG, Layout

DEEPEST_QUOTATION = 8
SENTENCE_ENDS = (".", "!", "?", ":", "؟", "。")
SENTENCE = 30  # characters; a sentence of that length may be all that stands under a heading

_HASHES = re.compile(r" {0,3}(#{1,6}) +(\S.*)$")
_UNDERLINE = re.compile(r" {0,3}(=|-|~)\1{2,} *$")
_RULE = re.compile(r" *([*_=~•·#+─━═-] *)(?:\1){2,} *$|[ *_=~•·#+─━═-]{3,}$")
_QUOTED = re.compile(r" {0,3}> ?")
_ANOTHER_KIND = re.compile(r">|#{1,6} |[*_]{3}|---|===")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_CODE = re.compile(
    r"[;{}]\s*$|^\s*(?:[$#]\s|//|/\*|<\w|</|@\w|def |class |import |from \w+ import|return\b"
    r"|if .*:$|for .*:$|else:|elif |while .*:$|try:|except)"
    r"|\w\([^()]*\)|\w\[[^\[\]]*\]|[=!<>+&|]=|\s=\s|->|=>"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the text of one kind; its line ends are meant to be seen."""

    kind: str
    text: str
    level: int = 0
    numbering: str = ""  # of a list item, as the type of an HTML list: 1, a, A, i or I
    number: int = 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Lines without a blank one between them, or the lines in a fence."""

    first: int  # number of the first line
    lines: list[str]
    is_code: bool = False


def passages(text: str, depth: int = 0) -> list[Passage]:
    """Take a text apart; depth is that of the quotation it stands in."""
    lines = text.expandtabs(4).split("\n")
    return _Reader(lines, depth).passages


class _Reader:
    def __init__(self, lines: Sequence[str], depth: int) -> None:
        self.passages: list[Passage] = []
        self._depth = depth
        self._layout = Layout.of(lines)
        self._numbered = numbered_lines(lines)
        self._indents: list[int] = []  # of the list items that the next one may belong to
        chunks = [*_chunks(lines, self._layout)]
        for before, chunk, after in zip([None, *chunks], chunks, [*chunks[1:], None], strict=False):
            self._read_chunk(before, chunk, after)

    def _read_chunk(self, before: _Chunk | None, chunk: _Chunk, after: _Chunk | None) -> None:
        if chunk.is_code or self._looks_like_code(chunk):
            self._add_code(chunk, before)
        elif level := self._heading_level(before, chunk, after):
            self._add("heading", "\n".join(line.strip() for line in chunk.lines), level)
        else:
            self._read_lines(chunk)

    def _looks_like_code(self, chunk: _Chunk) -> bool:
        """Tell code from verse and titles, which are set in too."""
        if any(not line.startswith("    ") for line in chunk.lines) or self._indents:
            return False
        alike = sum(bool(_CODE.search(line)) for line in chunk.lines)
        return alike >= len(chunk.lines) / 2

    def _add_code(self, chunk: _Chunk, before: _Chunk | None) -> None:
        code = chunk.lines if chunk.is_code else [line[4:] for line in chunk.lines]
        text = "\n".join(line.rstrip() for line in code).strip("\n")
        last = self.passages[-1] if self.passages else None
        if not text:
            return
        if last and before and last.kind == "code" and not chunk.is_code and not before.is_code:
            self.passages.pop()
            text = f"{last.text}\n\n{text}"
        self._add("code", text)

    def _heading_level(self, before: _Chunk | None, chunk: _Chunk, after: _Chunk | None) -> int:
        """Return the level of a heading that its words or the space around it show, else 0."""
        lines = [line.strip() for line in chunk.lines]
        text = " ".join(lines)
        if len(lines) > 3 or len(text) > LONGEST_HEADING or _ANOTHER_KIND.match(text):
            return 0
        if self._is_list_line(chunk.first, lines[0]) and (
            len(lines) > 1 or self._starts_list(before) or self._starts_list(after)
        ):
            return 0
        if level := chapter_level(lines):
            return level
        if is_capitals(text) or is_centred(chunk.lines, self._layout.width):
            return 1 if before is None else 2
        if len(lines) > 1 or after is None or bullet(text) or self._depth:
            return 0
        if before is None:
            return 1 if may_be_title(text) else 0
        return 2 if may_be_heading(text) and self._has_body(after) else 0

    def _is_list_line(self, number: int, line: str) -> bool:
        return number in self._numbered or bool(bullet(line))

    def _starts_list(self, chunk: _Chunk | None) -> bool:
        return chunk is not None and self._is_list_line(chunk.first, chunk.lines[0])

    def _has_body(self, after: _Chunk) -> bool:
        """Tell whether what follows a short line is something that has a heading."""
        length = sum(map(len, after.lines))
        sentence = length > SENTENCE and after.lines[-1].rstrip().endswith(SENTENCE_ENDS)
        return sentence or length > LONGEST_HEADING or after.is_code or self._starts_list(after)

    def _read_lines(self, chunk: _Chunk) -> None:
        """Read a chunk in which each line may begin something new."""
        at, plain = 0, list[str]()
        lines = chunk.lines
        while at < len(lines):
            line = lines[at]
            following = lines[at + 1] if at + 1 < len(lines) else ""
            if _QUOTED.match(line) and self._depth < DEEPEST_QUOTATION:
                self._add_plain(plain)
                at = self._read_quotation(lines, at)
            elif hashes := _HASHES.match(line):
                self._add_plain(plain)
                self._add("heading", hashes[2].rstrip("# "), len(hashes[1]))
                at += 1
            elif _RULE.match(line):
                self._add_plain(plain)
                self._add("paragraph", line.strip())
                at += 1
            elif not plain and len(line.strip()) <= LONGEST_HEADING and _UNDERLINE.match(following):
                self._add("heading", line.strip(), 1 if "=" in following else 2)
                at += 2
            elif marker := self._marker(chunk, at, plain):
                self._add_plain(plain)
                at = self._read_item(chunk, at, marker)
            else:
                plain.append(line)
                at += 1
        self._add_plain(plain)

    def _read_quotation(self, lines: list[str], at: int) -> int:
        end = at
        while end < len(lines) and _QUOTED.match(lines[end]):
            end += 1
        depth = self._depth + 1
        quoted = "\n".join(_QUOTED.sub("", line, count=1) for line in lines[at:end])
        if quoted.strip():
            self._indents.clear()
            for passage in passages(quoted, depth):
                if passage.kind in ("paragraph", "heading"):
                    passage = Passage("quotation", passage.text, depth)
                self.passages.append(passage)
        return end

    def _marker(self, chunk: _Chunk, at: int, plain: list[str]) -> Marker | None:
        """Return how the line begins a list item, unless it only goes on with a sentence."""
        numbered = self._numbered.get(chunk.first + at)
        if numbered:
            return numbered
        found = bullet(chunk.lines[at])
        if found and plain and self._layout.is_full(plain[-1], chunk.lines[at]):
            return found if sum(bool(bullet(line)) for line in chunk.lines) > 1 else None
        return found

    def _read_item(self, chunk: _Chunk, at: int, marker: Marker) -> int:
        """Read a list item with the lines that go on with it; a deeper indent is a deeper level."""
        while self._indents and self._indents[-1] > marker.indent:
            self._indents.pop()
        if not self._indents or self._indents[-1] < marker.indent:
            self._indents.append(marker.indent)
        texts, line = [marker.text], chunk.lines[at]
        end = at + 1
        while end < len(chunk.lines) and not self._is_list_line(
            chunk.first + end, chunk.lines[end]
        ):
            following = chunk.lines[end]
            indent = len(following) - len(following.lstrip())
            goes_on = indent > marker.indent or self._layout.is_full(line, following)
            if not goes_on or _RULE.match(following):
                break
            texts.append(following)
            line = following
            end += 1
        item = self._layout.join(texts)
        level = len(self._indents)
        self.passages.append(Passage("list_item", item, level, marker.numbering, marker.number))
        return end

    def _add_plain(self, lines: list[str]) -> None:
        if lines:
            for text in self._layout.paragraphs(lines):
                self._add("paragraph", text)
            lines.clear()

    def _add(self, kind: str, text: str, level: int = 0) -> None:
        self._indents.clear()
        self.passages.append(Passage(kind, text, level))


def _chunks(lines: Sequence[str], layout: Layout) -> Iterator[_Chunk]:
    """Yield the chunks of a text, cut at blank lines, at fences and between lines of their own."""
    fences = [at for at, line in enumerate(lines) if _FENCE.match(line)]
    last_fence = fences[-1] if fences else -1
    at = 0
    while at < len(lines):
        start = at
        fence = _FENCE.match(lines[at])
        if fence and at < last_fence:
            at += 1
            while at < last_fence and not lines[at].strip().startswith(fence[1]):
                at += 1
            if any(line.strip() for line in lines[start + 1 : at]):
                yield _Chunk(start + 1, list(lines[start + 1 : at]), is_code=True)
            at += 1
        elif not lines[at].strip():
            at += 1
        else:
            at += 1
            while (
                at < len(lines)
                and lines[at].strip()
                and not (
                    _stands_alone(lines[at - 1], lines[at], layout)
                    or (at < last_fence and _FENCE.match(lines[at]))
                )
            ):
                at += 1
            yield _Chunk(start, list(lines[start:at]))


def _stands_alone(line: str, following: str, layout: Layout) -> bool:
    """Tell whether two lines that touch are paragraphs of their own."""
    if not layout.by_line or following.startswith("  ") or _UNDERLINE.match(following):
        return False
    return not layout.by_blank or max(len(line), len(following)) > LONG
