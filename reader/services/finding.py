"""Finding something in all of a person's documents, as they type: names, notes and texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from ..extraction.sanitise import shown_text
from ..finding import passages
from ..finding.folding import fold, places, tokens
from ..finding.passages import Query
from ..models import Annotation, Block, Document, DocumentQuerySet, OutlineEntry, User

MOST_PASSAGES = 20
MOST_NOTES = 10
FROM_ONE_DOCUMENT = 3
# Of those found some are in deleted documents, or more than are shown of one.
LOOKED_AT = 300
AROUND = 90  # characters of a snippet before and after the words

Piece = tuple[str, bool]  # some text, and whether it is what was looked for


@dataclass(frozen=True, slots=True)
class Passage:
    """A place where the words stand, and what stands around them."""

    document: Document
    block_idx: int
    chapter: str
    pieces: list[Piece]
    is_note: bool = False

    @property
    def address(self) -> str:
        """Where it is read from; the page begins to play there."""
        return f"{self.document.get_absolute_url()}?play=1#block-{self.block_idx}"


def named(documents: DocumentQuerySet, query: Query) -> DocumentQuerySet:
    """Return the documents in whose title, author or site all of the words are."""
    names = documents.order_by().values_list("pk", "title", "author", "site")
    return documents.filter(
        pk__in=[pk for pk, *parts in names.iterator(1000) if _has_all(" ".join(parts), query)]
    )


def passages_of(user: User, query: Query) -> list[Passage]:
    """Return places in the texts of a person's documents, few of each, the latest first."""
    found = passages.find(user.pk, query, limit=LOOKED_AT)
    # Asked for those of them that a person may see, SQLite would go through all of that person's.
    where = list(Block.objects.filter(pk__in=found).values_list("document_id", "idx", "pk"))
    documents = Document.objects.visible_to(user).filter(
        pk__in={document for document, *_ in where}
    )
    visible = set(documents.values_list("pk", flat=True))
    few: list[int] = []
    counts: dict[int, int] = {}
    for document, _, block in sorted(where, key=lambda each: (-each[0], each[1])):
        if document in visible:
            counts[document] = counts.get(document, 0) + 1
            if counts[document] <= FROM_ONE_DOCUMENT:
                few.append(block)
    # Only of what is shown is the text read: that of all that was found would be long.
    chosen = list(
        Block.objects.filter(pk__in=few[:MOST_PASSAGES])
        .select_related("document")
        .order_by("-document_id", "idx")
        .only("idx", "html", "document__uuid", "document__title", "document__address")
    )
    chapters = _Chapters(block.document_id for block in chosen)
    return [
        Passage(
            block.document,
            block.idx,
            chapters.at(block.document_id, block.idx),
            snippet(shown_text(block.html), query),
        )
        for block in chosen
    ]


def notes_of(user: User, query: Query) -> list[Passage]:
    """Return what a person wrote or marked that has all of the words, the latest first."""
    notes: QuerySet[Annotation] = Annotation.objects.filter(
        user=user, document__in=Document.objects.visible_to(user)
    )
    names = notes.order_by("-pk").values_list("pk", "note", "quote")
    found = [pk for pk, *parts in names.iterator(1000) if _has_all(" ".join(parts), query)]
    chosen = notes.filter(pk__in=found[:MOST_NOTES]).select_related("document").order_by("-pk")
    chapters = _Chapters(note.document_id for note in chosen)
    return [
        Passage(
            note.document,
            note.block_idx,
            chapters.at(note.document_id, note.block_idx),
            snippet(" — ".join(filter(None, (note.note, note.quote))), query),
            is_note=True,
        )
        for note in chosen
    ]


def snippet(text: str, query: Query) -> list[Piece]:
    """Return what stands around the first of the words, in pieces, with all words marked."""
    found = list(places(text))
    hits = [found[at][:2] for at in sorted(_hits([token for *_, token in found], query))]
    begin = max(0, hits[0][0] - AROUND) if hits else 0
    end = min(len(text), (hits[0][1] if hits else 0) + 2 * AROUND)
    while begin > 0 and not text[begin - 1].isspace() and begin > (hits[0][0] - 2 * AROUND):
        begin -= 1
    while end < len(text) and not text[end].isspace() and text[end].isalnum():
        end += 1
    pieces: list[Piece] = [("…", False)] if begin else []
    at = begin
    for first, last in _joined(hits, text):
        if last > end:
            break
        if first > at:
            pieces.append((text[at:first], False))
        pieces.append((text[first:last], True))
        at = last
    pieces.append((text[at:end] + ("…" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece[0]]


def _joined(hits: Iterable[tuple[int, int]], text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of hits; characters of one word that stand together are one."""
    first = last = -1
    for begin, end in hits:
        if first >= 0 and begin <= last:
            last = max(last, end)
            continue
        if first >= 0:
            yield first, last
        first, last = begin, end
    if first >= 0:
        yield first, last


def _hits(words: list[str], query: Query) -> set[int]:
    """Return which words of a text are those that are looked for."""
    hits: set[int] = set()
    for phrase in query.phrases:
        may_go_on = query.goes_on and phrase is query.phrases[-1]
        for at in range(len(words) - len(phrase) + 1):
            if _is_at(words, at, phrase, may_go_on):
                hits.update(range(at, at + len(phrase)))
    return hits


def _is_at(words: list[str], at: int, phrase: tuple[str, ...], may_go_on: bool) -> bool:
    *whole, last = phrase
    if words[at : at + len(whole)] != whole:
        return False
    word = words[at + len(whole)]
    return word.startswith(last) if may_go_on else word == last


def _has_all(text: str, query: Query) -> bool:
    """Tell whether each of the words begins one of a name's."""
    folded = fold(text)  # most names have not even the letters
    if not all(token in folded for phrase in query.phrases for token in phrase):
        return False
    words = tokens(text)
    return all(
        any(_is_at(words, at, phrase, True) for at in range(len(words) - len(phrase) + 1))
        for phrase in query.phrases
    )


class _Chapters:
    """Under which heading a block stands."""

    def __init__(self, documents: Iterable[int]) -> None:
        entries = OutlineEntry.objects.filter(document__in=set(documents)).order_by("block_idx")
        self._titles: dict[int, list[tuple[int, str]]] = {}
        for document, idx, title in entries.values_list("document_id", "block_idx", "title"):
            self._titles.setdefault(document, []).append((idx, title))

    def at(self, document: int, block_idx: int) -> str:
        before = [title for idx, title in self._titles.get(document, ()) if idx <= block_idx]
        return before[-1] if before else ""
