"""A file's own bookmarks, by which headings and their levels are told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from reader.extraction.plain.contents import SECTION


class Outline:
    """A file's own bookmarks, to tell headings and their levels by."""

    def __init__(self, entries: Sequence[tuple[int, str, int]]) -> None:
        self._by_page: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
        for level, title, page in entries:
            self._by_page[page].append((_key(title), level, title))
        self._keys = {_key(title) for _, title, _ in entries} - {""}
        self.is_empty = not entries
        self.title = ""

    def find(self, text: str, page: int) -> tuple[int, str] | None:
        """Return level and title of the bookmark of a heading on a page; each is found once."""
        key = _key(text)
        if not key:
            return None
        for near in (page, page - 1, page + 1):
            for entry in self._by_page.get(near, ()):
                if entry[0] and (entry[0] == key or _key(SECTION.sub("", text)) == entry[0]):
                    self._by_page[near].remove(entry)
                    return entry[1], entry[2]
        return None

    def names(self, text: str) -> bool:
        """Tell whether there is a bookmark of this name anywhere."""
        return bool({_key(text), _key(SECTION.sub("", text))} & self._keys)

    def has(self, text: str, page: int) -> bool:
        """Tell whether a bookmark of this page says exactly that."""
        keys = {_key(text), _key(SECTION.sub("", text))} - {""}
        return any(entry[0] in keys for entry in self._near(page))

    def may_begin(self, text: str, page: int) -> bool:
        """Tell whether some bookmark of this page begins like that: a heading of several lines."""
        keys = {_key(text), _key(SECTION.sub("", text))} - {""}
        return any(entry[0].startswith(key) for entry in self._near(page) for key in keys)

    def _near(self, page: int) -> Sequence[tuple[str, int, str]]:
        """Return the bookmarks of a page; that of its first heading may lead to the one before."""
        return [*self._by_page.get(page, ()), *self._by_page.get(page - 1, ())]


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
