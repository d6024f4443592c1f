"""Which passages of a block's markup play a part that rules ask for: notes, code, mathematics."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Range = tuple[int, int, str]  # start and end in the text that is shown, in code points; the role


@dataclass(slots=True)
class Passages:
    whole: str = ""  # the role of the block as a whole
    ranges: list[Range] = field(default_factory=list)


def passages(html: str) -> Passages:
    """Return the roles that sanitised markup bears."""
    if "data-role" not in html:
        return Passages()
    reader = _Roles()
    reader.feed(html)
    reader.close()
    return reader.found


class _Roles(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Passages()
        self._at = 0
        self._open: list[tuple[str, str, int]] = []  # element, role, where it begins
        self._opened_pre = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._opened_pre = tag == "pre"
        if tag == "br":
            return
        role = dict(attrs).get("data-role") or ""
        if role and not self._open and not self._at:
            self.found.whole = role
            role = ""
        self._open.append((tag, role, self._at))

    def handle_endtag(self, tag: str) -> None:
        self._opened_pre = False
        while self._open:
            name, role, start = self._open.pop()
            if role and start < self._at:
                self.found.ranges.append((start, self._at, role))
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        self._at += len(data.removeprefix("\n") if self._opened_pre else data)
        self._opened_pre = False
