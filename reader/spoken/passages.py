"""Which passages of a block's markup are more than words: notes, raised letters, ruby, formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

Range = tuple[int, int, str]  # start and end in the text that is shown, in code points; the role

READING = {"rt", "rtc", "rp"}
_TELLS = re.compile(r"data-role|<su[bp]\b|<ruby\b|<math\b")
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)


class Script(NamedTuple):
    """What is written above or below the line."""

    start: int
    end: int
    raised: bool
    role: str = ""  # that the markup gives it
    inner: tuple[tuple[int, int], ...] = ()  # what is raised once more


class Ruby(NamedTuple):
    """A word, or a part of one, and its reading."""

    base: tuple[int, int]
    reading: tuple[int, int]
    is_bracket: bool = False  # around a reading, for who does not see it above the word


class Formula(NamedTuple):
    start: int
    end: int
    markup: str  # MathML


@dataclass(slots=True)
class Passages:
    whole: str = ""  # the role of the block as a whole
    ranges: list[Range] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    rubies: list[Ruby] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)


def passages(html: str) -> Passages:
    """Return what sanitised markup says of its passages."""
    if not _TELLS.search(html):
        return Passages()
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.found
    found.formulas = [
        Formula(start, end, markup)
        for (start, end), markup in zip(reader.formulas, _MATH.findall(html), strict=False)
    ]
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Passages()
        self.formulas: list[tuple[int, int]] = []
        self._at = 0
        self._open: list[tuple[str, str, int]] = []  # element, role, where it begins
        self._opened_pre = False
        self._ruby: _OpenRuby | None = None
        self._raised_twice: list[tuple[int, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._opened_pre = tag == "pre"
        if tag in {"br", "img"}:
            return
        role = dict(attrs).get("data-role") or ""
        if role and not self._open and not self._at:
            self.found.whole = role
            role = ""
        if tag == "ruby" and self._ruby is None:
            self._ruby = _OpenRuby(self._at)
        self._open.append((tag, role, self._at))

    def handle_endtag(self, tag: str) -> None:
        self._opened_pre = False
        while self._open:
            name, role, start = self._open.pop()
            if start < self._at:
                self._close(name, role, start)
            if name == tag:
                return

    def _close(self, name: str, role: str, start: int) -> None:
        if role:
            self.found.ranges.append((start, self._at, role))
        if name in {"sup", "sub"}:
            self._close_script(Script(start, self._at, name == "sup", role))
        elif name == "math":
            self.formulas.append((start, self._at))
        elif self._ruby and name in READING:
            self._ruby.add(name, start, self._at)
        elif self._ruby and name == "ruby" and not any(each[0] == "ruby" for each in self._open):
            self.found.rubies += self._ruby.pairs
            self._ruby = None

    def _close_script(self, script: Script) -> None:
        if not any(name in {"sup", "sub"} for name, _, _ in self._open):
            self.found.scripts.append(script._replace(inner=tuple(self._raised_twice)))
            self._raised_twice = []
        elif script.raised:
            self._raised_twice.append((script.start, script.end))

    def handle_data(self, data: str) -> None:
        self._at += len(data.removeprefix("\n") if self._opened_pre else data)
        self._opened_pre = False


class _OpenRuby:
    """A ruby element while it is read: what is neither reading nor bracket is the base."""

    def __init__(self, start: int) -> None:
        self.pairs: list[Ruby] = []
        self._base = start  # where the base begins that has no reading yet
        self._end = start  # of what was added last

    def add(self, name: str, start: int, end: int) -> None:
        """Add a reading; one right behind another belongs to the same base."""
        start = max(start, self._end)
        if start >= end:
            return
        base = (self._base, start if self._end == self._base else self._end)
        if name == "rp":
            self.pairs.append(Ruby((start, start), (start, end), is_bracket=True))
        else:
            self.pairs.append(Ruby(base, (start, end)))
            self._base = end
        self._end = end
