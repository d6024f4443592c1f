"""What a page that is opened has to know: looked up for all that are opened at the same time.

After a restart everybody comes back within seconds. Asked for by each socket alone, a start cost a
dozen queries; asked for together, hundreds of starts cost as many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from .. import events
from ..listening import ListeningVoice, VoicesByLanguage, chosen_voices, languages_of
from ..models import Document, DocumentPreferences, Position, User
from ..rights import holders
from .preferences import voices_of
from .wanting import Ranges, cached_ranges_of


@dataclass(frozen=True, slots=True)
class Opening:
    """A page that is opened: in which session, of which document."""

    session_key: str
    document: UUID
    sound: str  # the name of the format that the page can play


@dataclass(frozen=True, slots=True)
class Opened:
    user: User
    document: Document
    voice: ListeningVoice
    cached: Ranges
    place: events.Place
    taste: int


def taste_of(user: User, by_language: VoicesByLanguage) -> int:
    """Return what stands for all that a person chose and the voices of a document depend on."""
    return hash((user.own_voices, tuple(sorted(by_language.get(user.pk, {}).items()))))


class _Page(NamedTuple):
    """What is the same for pages that an account has open several times."""

    user: int
    document: UUID
    sound: str


def open_pages(openings: Sequence[Opening]) -> list[Opened | int]:
    """Return for each page what it has to know, or the code with which its socket is closed."""
    people = holders({each.session_key for each in openings})
    asked = [
        (_Page(user.pk, each.document, each.sound), user)
        for each in openings
        if (user := people.get(each.session_key))
    ]
    documents = Document.objects.seen_by((page.user, page.document) for page, _ in asked)
    opened = _open(
        {
            page: (user, document)
            for page, user in asked
            if (document := documents.get((page.user, page.document)))
        }
    )

    def answer(opening: Opening) -> Opened | int:
        user = people.get(opening.session_key)
        if user is None:
            return events.CLOSE_NOT_SIGNED_IN
        page = _Page(user.pk, opening.document, opening.sound)
        return opened.get(page, events.CLOSE_NOT_FOUND)

    return [answer(each) for each in openings]


def _open(pages: Mapping[_Page, tuple[User, Document]]) -> dict[_Page, Opened]:
    """Look up what is to be told of each page; those without any voice are left out."""
    users = {user.pk for user, _ in pages.values()}
    documents = {document.pk: document for _, document in pages.values()}
    by_language = chosen_voices(users)
    voices = voices_of(_preferences(users, documents, pages.values()), by_language)
    languages = languages_of(documents)
    heard = {
        page: ListeningVoice.of(
            voice,
            page.sound,
            document=document,
            listener=user,
            languages=languages.get(document.pk, ()),
        )
        for (page, (user, document)), voice in zip(pages.items(), voices, strict=True)
        if voice
    }
    cached = cached_ranges_of([(*pages[page], voice) for page, voice in heard.items()])
    positions = Position.objects.filter(user__in=users, document__in=documents)
    places = {(each.user_id, each.document_id): place_at(each) for each in positions}
    opened: dict[_Page, Opened] = {}
    for (page, voice), ranges in zip(heard.items(), cached, strict=True):
        user, document = pages[page]
        place = places.get((user.pk, document.pk), place_at(None))
        taste = taste_of(user, by_language)
        opened[page] = Opened(user, document, voice, ranges, place, taste)
    return opened


def _preferences(
    users: Collection[int], documents: Collection[int], pages: Iterable[tuple[User, Document]]
) -> list[DocumentPreferences]:
    rows = DocumentPreferences.objects.filter(user__in=users, document__in=documents)
    voices = {(each.user_id, each.document_id): each.voice_id for each in rows}
    return [
        DocumentPreferences(
            user=user, document=document, voice_id=voices.get((user.pk, document.pk))
        )
        for user, document in pages
    ]


def place_at(position: Position | None) -> events.Place:
    """Return a position, or the beginning, as it is told."""
    return {
        "block_idx": position.block_idx if position else 0,
        "offset_ms": position.offset_ms if position else 0,
    }
