"""A person's library as they want to see it: which of their documents, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import (
    Case,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower
from django.utils.http import urlencode

from ..finding.passages import Query
from ..models import Block, Collection, Document, DocumentQuerySet, User
from .finding import named

CHARACTERS_PER_MINUTE = 14 * 60
MAX_WORDS = 8
MAX_QUERY = 200

# The first of each is what holds when nothing is chosen.
SORTS = {
    "added": "Last added",
    "heard": "Last heard",
    "title": "By title",
    "author": "By author",
    "shortest": "Shortest",
    "longest": "Longest",
}
STATES = {
    "": "All",
    "new": "Not begun",
    "begun": "Under way",
    "finished": "Finished",
    "archived": "Archived",
}
KINDS = {
    "": "All kinds",
    "html": "Web pages",
    "pdf": "PDF",
    "epub": "EPUB",
    "docx": "Word",
    "markdown": "Markdown",
    "text": "Text",
}

LATEST = (F("created_at").desc(), F("pk").desc())
FAILED = Q(status=Document.Status.FAILED)
READY = Q(status=Document.Status.READY)
BEGUN = Q(at_block__gt=0) | Q(at_ms__gt=0)
AT_ITS_END = READY & Q(at_block__gte=F("last_spoken"))
STATE_IS = {
    "new": (Q(at_block=None) | Q(at_block=0, at_ms=0)) & ~FAILED,
    "begun": BEGUN & (~READY | Q(at_block__lt=F("last_spoken"))),
    "finished": BEGUN & AT_ITS_END,
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was chosen. A choice that there is not counts as none."""

    query: str = ""
    sort: str = "added"
    state: str = ""
    kind: str = ""
    collection: Collection | None = None
    sorts: Mapping[str, str] = field(default_factory=lambda: SORTS)
    states: Mapping[str, str] = field(default_factory=lambda: STATES)
    kinds: Mapping[str, str] = field(default_factory=lambda: KINDS)

    @classmethod
    def of(cls, chosen: Mapping[str, str], user: User | None = None) -> Shelf:
        """Return the shelf of a choice; of whose collection is looked for only if it is told."""
        sort, state, kind = (chosen.get(name, "") for name in ("sort", "state", "kind"))
        return cls(
            query=_clean(chosen.get("q", "")),
            sort=sort if sort in SORTS else "added",
            state=state if state in STATES else "",
            kind=kind if kind in KINDS else "",
            collection=_collection(chosen.get("in", ""), user),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.query or self.state or self.kind or self.collection)

    @property
    def words(self) -> str:
        """What was asked for, as the page says it."""
        parts = [f"“{self.query}”"] if self.query else []
        parts += [STATES[self.state].lower()] if self.state else []
        parts += [KINDS[self.kind]] if self.kind else []
        parts += [f"in “{self.collection}”"] if self.collection else []
        return ", ".join(parts)

    @property
    def parameters(self) -> str:
        """The choice as it goes into links."""
        sort = "" if self.sort == "added" else self.sort
        within = str(self.collection.uuid) if self.collection else ""
        chosen = {
            "q": self.query,
            "sort": sort,
            "state": self.state,
            "kind": self.kind,
            "in": within,
        }
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def everything(self) -> str:
        """The same order without a filter, as it goes into a link."""
        return Shelf(sort=self.sort).parameters

    def documents_of(self, user: User) -> DocumentQuerySet:
        found = _with_place(Document.objects.visible_to(user), user)
        if self.query:
            found = named(found, Query.of(self.query, most=MAX_WORDS))
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.collection:
            found = found.filter(collections=self.collection)
        if self.state == "archived":
            found = found.exclude(archived_at=None)
        elif not self.query and not self.collection:
            found = found.filter(archived_at=None)
        if self.state in STATE_IS:
            found = found.alias(last_spoken=_last_spoken()).filter(STATE_IS[self.state])
        return self._sorted(found)

    def _sorted(self, found: DocumentQuerySet) -> DocumentQuerySet:
        if self.sort == "heard":
            return found.order_by(F("heard_at").desc(nulls_last=True), *LATEST)
        if self.sort == "title":
            return found.order_by(_empty_last("title"), Lower("title"), *LATEST)
        if self.sort == "author":
            writer = Case(When(author="", then=F("site")), default=F("author"))
            found = found.alias(writer=writer)
            return found.order_by(_empty_last("writer"), Lower("writer"), Lower("title"), *LATEST)
        if self.sort in ("shortest", "longest"):
            found = found.alias(length=_characters())
            length = F("length").desc() if self.sort == "longest" else F("length").asc()
            return found.order_by(length, *LATEST)
        return found.order_by(*LATEST)


def titled(documents: DocumentQuerySet, title: str) -> DocumentQuerySet:
    """Return those of these documents whose title has all of these words in it."""
    words = _clean(title).split()[:MAX_WORDS]
    return documents.filter(*(_has(word, "title") for word in words))


def with_figures(documents: QuerySet[Document], user: User) -> list[Any]:
    """Return documents with how long they are (``minutes``) and how far one is (``percent``).

    Asked for one page alone: to count the characters of a whole library takes its time.
    """
    order = [document.pk for document in documents]
    found = _with_place(Document.objects.filter(pk__in=order), user).annotate(
        last_spoken=_last_spoken(), characters=_characters()
    )
    by_pk: dict[int, Any] = {document.pk: document for document in found}
    for document in by_pk.values():
        document.minutes = max(1, round(document.characters / CHARACTERS_PER_MINUTE))
        document.hours = f"{document.minutes / 60:.1f}".removesuffix(".0")
        document.percent = _percent(document)
    return [by_pk[pk] for pk in order if pk in by_pk]


def _percent(document: Any) -> int | None:
    """Return how far a person is; None: not begun, 100: at the last block that is spoken."""
    if not (document.at_block or document.at_ms):
        return None
    is_ready = document.status == Document.Status.READY
    if is_ready and document.at_block >= document.last_spoken:
        return 100
    share: float = document.at_block / max(1, document.last_spoken)
    return min(99, round(100 * share))


def _with_place(documents: DocumentQuerySet, user: User) -> DocumentQuerySet:
    return documents.annotate(
        place=FilteredRelation("positions", condition=Q(positions__user=user)),
        at_block=F("place__block_idx"),
        at_ms=F("place__offset_ms"),
        heard_at=F("place__changed_at"),
    )


def _last_spoken() -> Coalesce:
    spoken = Block.objects.filter(document=OuterRef("pk")).exclude(text_hash="")
    return Coalesce(Subquery(spoken.order_by("-idx").values("idx")[:1]), 0)


def _characters() -> Coalesce:
    sums = (
        Block.objects.filter(document=OuterRef("pk"))
        .order_by()
        .values("document")
        .annotate(sum=Sum("characters"))
        .values("sum")
    )
    return Coalesce(Subquery(sums), 0, output_field=IntegerField())


def _has(word: str, *names: str) -> Q:
    """Return the condition that a document has a word in its title, author or site."""
    # SQLite compares only ASCII without regard to case: the likely spellings are tried.
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    return reduce(
        or_,
        (
            Q((f"{name}__icontains", spelling))
            for name in names or ("title", "author", "site")
            for spelling in sorted(spellings)
        ),
    )


def _empty_last(name: str) -> Case:
    return Case(When(**{name: ""}, then=Value(1)), default=Value(0))


def _collection(name: str, user: User | None) -> Collection | None:
    try:
        wanted = UUID(name)
    except ValueError:
        return None
    # Whoever only makes a link of the choice need not look whether there is one.
    if user is None:
        return Collection(uuid=wanted)
    return Collection.objects.filter(owner=user, uuid=wanted).first()


def _clean(query: str) -> str:
    query = " ".join(query.split())[:MAX_QUERY]
    try:
        ProhibitNullCharactersValidator()(query)
    except ValidationError:
        return ""
    return query
