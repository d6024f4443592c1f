"""Which passages of a page are its article, from what two libraries keep of it.

readability keeps little that does not belong to an article, trafilatura loses little that does. So
what readability keeps counts, and what trafilatura keeps within its bounds as well. Neither is
believed where it leaves out plain text: an article's own sections are restored, and of a page that
is no article but a text as a whole (a chapter, a manual) all is kept but lists of links.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from reader.extraction.article.labels import is_label, is_reference, is_teaser
from reader.extraction.article.passages import Passage, squeeze
from reader.extraction.article.surroundings import (
    invites,
    is_invitation,
    is_never_of_article,
    is_never_text,
    is_surrounding,
)
from reader.extraction.tree.elements import HEADINGS, name_of

# trafilatura falls back to all of a page where it finds no article in it.
MOST_BEYOND = 2.0  # times what readability keeps
# An element belongs to the article if so much of what it adds is kept by trafilatura...
BELONGING = 0.8
NEGLIGIBLE = 0.02  # ... or if it adds no more than this
# Shares of text in which hardly anything is a link, or nearly everything a sentence
FEW_LINKS = 0.1
MOSTLY_LINKS = 0.5
ALL_LINKS = 0.9
PLAIN_TEXT = 0.9
# Of a page that is a text as a whole
FEW_SCRIPTS = 2
MUCH_LOST = 0.1  # of the sentences
ALIKE = 0.5
FEW_TEASERS = 0.15
LARGEST_BOX = 400  # letters
LINK_WITH_LABEL = 1.0  # of "Read also: ..." half is a link
MOST_LEVELS = 6
CELLS = {"td", "th", "dt", "dd", "pre", "table"}
# The part that begins with the page's only first heading is the article if it has so much of it.
LEAST_OF_ARTICLE = 0.2


class Choice:
    """The passages of a page, and which of them are kept so far."""

    def __init__(
        self, body: etree._Element, passages: Sequence[Passage], kept: Sequence[bool]
    ) -> None:
        self._body = body
        self._passages = passages
        self.kept = list(kept)

    def add_what_the_other_keeps(self, others: Sequence[bool]) -> None:
        """Keep what the other library keeps between the passages that are kept, and around them."""
        whole, beyond = self._size(self.kept), self._size(others)
        if not whole or beyond > MOST_BEYOND * whole:
            if not whole:
                self.kept = list(others)
            return
        places = [place for place, kept in enumerate(self.kept) if kept]
        article = self._bounds(others)
        for place, passage in enumerate(self._passages):
            within = places[0] < place < places[-1] or article in passage.ancestors
            self.kept[place] = self.kept[place] or (others[place] and within)

    def _bounds(self, others: Sequence[bool]) -> etree._Element:
        """Return the element around all that is kept in which the other library keeps the rest."""
        sizes: dict[etree._Element, int] = defaultdict(int)
        other_sizes: dict[etree._Element, int] = defaultdict(int)
        for passage, other in zip(self._passages, others, strict=True):
            for element in passage.ancestors:
                sizes[element] += passage.size
                other_sizes[element] += passage.size * other
        bounds = self._common_element()
        while bounds is not self._body and (around := bounds.getparent()) is not None:
            more = sizes[around] - sizes[bounds]
            others_more = other_sizes[around] - other_sizes[bounds]
            if more > NEGLIGIBLE * sizes[bounds] and others_more < BELONGING * more:
                break
            bounds = around
        return bounds

    def _common_element(self) -> etree._Element:
        common: list[etree._Element] = []
        for passage, kept in zip(self._passages, self.kept, strict=True):
            if kept:
                path = passage.ancestors[::-1]
                pairs = zip(common or path, path, strict=False)
                common = [one for one, other in pairs if one is other]
        return common[-1]

    def restore_sections(self, is_article: set[etree._Element]) -> None:
        """Keep the plain text that was left out of an element that was found to be the article."""
        for element, places in self._left_out().items():
            parent = element.getparent()
            if parent is None or parent not in is_article:
                continue
            part = [self._passages[place] for place in places]
            plain = sum(each.size for each in part if each.is_sentence or each.is_heading)
            if (
                any(each.is_sentence for each in part)
                and plain >= PLAIN_TEXT * sum(each.size for each in part)
                and _has_few_links(part)
                and not any(map(is_surrounding, _elements_within(element, part)))
            ):
                self._keep(places)

    def is_document(self, scripts: int) -> bool:
        """Tell whether the page is a text as a whole: a chapter, a page of a manual.

        It runs hardly any scripts, or what was left out of it is made like what was found.
        """
        if scripts <= FEW_SCRIPTS:
            return True
        made = Counter(self._made(place) for place, kept in enumerate(self.kept) if kept)
        sentences = [place for place, each in enumerate(self._passages) if each.is_sentence]
        lost = [place for place in sentences if not self.kept[place]]
        alike = [place for place in lost if made[self._made(place)] > 1]
        return self._sum(lost) > MUCH_LOST * self._sum(sentences) and (
            self._sum(alike) > ALIKE * self._sum(lost)
        )

    def _made(self, place: int) -> tuple[tuple[str, str], ...]:
        around = self._passages[place].ancestors[:3]
        return tuple((name_of(each), each.get("class") or "") for each in around)

    def restore_document(self) -> None:
        """Keep all that was left out but lists of links, and what is never part of a text."""
        never: dict[etree._Element, bool] = {}
        for places in self._left_out().values():
            part = [self._passages[place] for place in places]
            text = [each for each in part if not each.is_heading]
            if text and not _has_few_links(text, MOSTLY_LINKS):
                continue
            for place, passage in zip(places, part, strict=True):
                for element in passage.ancestors:
                    if element not in never:
                        never[element] = is_never_text(element)
                self.kept[place] = not any(never[each] for each in passage.ancestors)
        places = [place for place, kept in enumerate(self.kept) if kept]
        for place in range(places[0], places[-1]) if places else ():
            passage = self._passages[place]  # "See also", with nothing but links behind it
            if not any(never.get(each) for each in passage.ancestors):
                self.kept[place] = self.kept[place] or passage.linked < ALL_LINKS * passage.size

    def _left_out(self) -> dict[etree._Element, list[int]]:
        """Return the outermost elements of which nothing is kept, with the places in them."""
        inhabited = {
            element
            for passage, kept in zip(self._passages, self.kept, strict=True)
            if kept
            for element in passage.ancestors
        }
        found: dict[etree._Element, list[int]] = defaultdict(list)
        for place, passage in enumerate(self._passages):
            if not self.kept[place]:
                outside = [each for each in passage.ancestors if each not in inhabited]
                found[outside[-1] if outside else passage.block].append(place)
        return found

    def drop_labels(self) -> None:
        """Drop what invites to other pages, between the paragraphs: labels and openings of them."""
        teasers = []
        for place, passage in enumerate(self._passages):
            if not self.kept[place] or passage.is_heading:
                continue
            is_link = passage.is_mostly_links
            if name_of(passage.block) in CELLS and not is_link:  # it may be a value
                continue
            if is_label(passage.squeezed, is_link=is_link) or is_reference(
                passage.text, is_link=2 * passage.linked > LINK_WITH_LABEL * passage.size
            ):
                self.kept[place] = False
            elif is_teaser(passage.text):
                teasers.append(place)
        # A page may be nothing but a list of them.
        if self._sum(teasers) <= FEW_TEASERS * self._size(self.kept):
            for place in teasers:
                self.kept[place] = False

    def drop_ways_out(self) -> None:
        """Drop boxes that lead to other pages, and call themselves so."""
        never: dict[etree._Element, bool] = {}
        for place, passage in enumerate(self._passages):
            for element in passage.ancestors if self.kept[place] else ():
                if element not in never:
                    never[element] = is_never_of_article(element)
                if never[element]:
                    self.kept[place] = False

    def drop_empty_sections(self) -> None:
        """Drop headings of which all that they head was left out: "Related", "Read also"."""
        ends: list[tuple[int, bool, bool]] = []  # level, whether anything was left out, was kept
        for place in range(len(self._passages) - 1, -1, -1):
            passage = self._passages[place]
            level = HEADINGS.get(name_of(passage.block), 0)
            if not level:
                ends.append((MOST_LEVELS + 1, not self.kept[place], self.kept[place]))
                continue
            lost = kept = False
            while ends and ends[-1][0] > level:
                _, inner_lost, inner_kept = ends.pop()
                lost, kept = lost or inner_lost, kept or inner_kept
            if self.kept[place] and ((lost and not kept) or self._heads_nothing(place)):
                self.kept[place] = False
            ends.append((level, lost, self.kept[place]))

    def _heads_nothing(self, place: int) -> bool:
        """Tell whether all is left out that is in one box with a heading."""
        box = self._passages[place].ancestors[1:2]
        others = []
        for step in (-1, 1):
            at = place + step
            while 0 <= at < len(self._passages) and box[0] in self._passages[at].ancestors:
                others.append(self.kept[at])
                if others[-1]:
                    return False
                at += step
        return bool(others)

    def drop_invitations(self, *, by_words: bool = False) -> None:
        """Drop the boxes within the article that ask to sign up; ``by_words``: and say so."""
        inner: dict[etree._Element, list[int]] = defaultdict(list)
        for place, passage in enumerate(self._passages):
            if self.kept[place]:
                for element in passage.ancestors:
                    inner[element].append(place)
        whole = self._size(self.kept)
        for element, places in inner.items():
            if (
                self._sum(places) <= min(LARGEST_BOX, FEW_TEASERS * whole)
                and is_invitation(element)
                and (not by_words or any(invites(self._passages[each].text) for each in places))
            ):
                for place in places:
                    self.kept[place] = False

    def begin_with_the_heading(self, title: str) -> None:
        """Drop what stands before the part that the page's only first heading begins."""
        headings = [
            place for place, passage in enumerate(self._passages) if name_of(passage.block) == "h1"
        ]
        if len(headings) != 1 or not self.kept[headings[0]]:
            return
        heading = self._passages[headings[0]]
        if title and heading.squeezed not in squeeze(title):
            return
        whole = self._size(self.kept)
        for part in heading.ancestors[1:]:
            if part is self._body:
                return
            within = [part in passage.ancestors for passage in self._passages]
            size = self._size(
                [kept and inner for kept, inner in zip(self.kept, within, strict=True)]
            )
            if size - heading.size >= LEAST_OF_ARTICLE * whole:
                break
        else:
            return
        for place in range(headings[0]):
            self.kept[place] = self.kept[place] and within[place]

    def _sum(self, places: Iterable[int]) -> int:
        return sum(self._passages[place].size for place in places)

    def _keep(self, places: Iterable[int]) -> None:
        for place in places:
            self.kept[place] = True

    def _size(self, kept: Sequence[bool]) -> int:
        pairs = zip(self._passages, kept, strict=True)
        return sum(passage.size for passage, is_kept in pairs if is_kept)


def _has_few_links(passages: Sequence[Passage], most: float = FEW_LINKS) -> bool:
    size = sum(passage.size for passage in passages)
    return sum(passage.linked for passage in passages) <= most * size


def _elements_within(
    element: etree._Element, passages: Iterable[Passage]
) -> Iterator[etree._Element]:
    """Yield an element and what is in it, as far as it holds the passages."""
    seen = set()
    for passage in passages:
        for each in passage.ancestors:
            if each not in seen:
                seen.add(each)
                yield each
            if each is element:
                break
