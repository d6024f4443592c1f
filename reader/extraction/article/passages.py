"""A page's text as passages: what stands together in one block, and how much of it is links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from reader.extraction.tree.elements import BLOCKS, HEADINGS, is_layout, name_of

Text = tuple[etree._Element, bool]  # an element's text, or its tail

# What is in them is text of one passage, whatever elements it is in.
_WHOLE = {"math", "pre"}
_STOPS = '.!?…:;。！？：；।॥؟۔።”"»)'
SENTENCE = 25  # characters of the shortest passage that may be called one; of Han 10
_HAN = 2.5


@dataclass(slots=True)
class Passage:
    """Running text in one block element."""

    block: etree._Element
    ancestors: list[etree._Element]  # of the block, itself first
    texts: list[Text] = field(default_factory=list)
    text: str = ""
    size: int = 0  # letters and digits; a Han character says as much as some letters
    linked: int = 0  # of them in links
    squeezed: str = ""

    @property
    def is_heading(self) -> bool:
        return name_of(self.block) in HEADINGS

    @property
    def is_mostly_links(self) -> bool:
        return 2 * self.linked > self.size

    @property
    def is_sentence(self) -> bool:
        """Whether this is plainly running text, and no label or line of a list of links."""
        ends = self.text.rstrip()[-1:] in _STOPS
        return self.size >= SENTENCE and 4 * self.linked < self.size and ends


def passages_of(body: etree._Element) -> list[Passage]:
    """Return the passages of a body in reading order."""
    walker = _Walker()
    walker.walk(body, body, [body], linked=False)
    return [passage for passage in walker.found if _finish(passage)]


def squeeze(text: str) -> str:
    """Return the letters and digits of a text alone, to compare it with what a library made."""
    return "".join(filter(str.isalnum, text.lower()))


class _Walker:
    def __init__(self) -> None:
        self.found: list[Passage] = []
        self._open = False
        self._linked: list[bool] = []

    def walk(
        self,
        element: etree._Element,
        block: etree._Element,
        ancestors: list[etree._Element],
        *,
        linked: bool,
        whole: bool = False,
    ) -> None:
        name = name_of(element)
        inline = whole or name not in BLOCKS
        if not inline:
            block, self._open = element, False
        whole = whole or name in _WHOLE or (name == "table" and not is_layout(element))
        linked = linked or name == "a"
        self._add(element.text, (element, False), block, ancestors, linked)
        for child in element:
            if name_of(child):
                inner = whole or name_of(child) not in BLOCKS
                above = ancestors if inner else [child, *ancestors]
                self.walk(child, block, above, linked=linked, whole=whole)
                if not inner:
                    self._open = False
            self._add(child.tail, (child, True), block, ancestors, linked)

    def _add(
        self,
        text: str | None,
        where: Text,
        block: etree._Element,
        ancestors: list[etree._Element],
        linked: bool,
    ) -> None:
        if not text or text.isspace():
            return
        if not self._open or self.found[-1].block is not block:
            self.found.append(Passage(block, ancestors))
            self._open = True
        passage = self.found[-1]
        passage.texts.append(where)
        passage.text += text
        size = _size(text)
        passage.size += size
        passage.linked += size if linked else 0


def _size(text: str) -> int:
    letters = squeeze(text)
    wide = sum(each >= "\u2e80" for each in letters)
    return int(len(letters) + wide * (_HAN - 1))


def _finish(passage: Passage) -> bool:
    passage.squeezed = squeeze(passage.text)
    return bool(passage.squeezed)


def own_text(passage: Passage) -> Iterator[tuple[etree._Element, int]]:
    """Yield the element that each of a passage's texts is in, and the text's length."""
    for element, is_tail in passage.texts:
        owner = element.getparent() if is_tail else element
        text = element.tail if is_tail else element.text
        if owner is not None:
            yield owner, len(text or "")
