"""A person's words, and what they used."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from ..forms.people import LexiconForm
from ..models import LexiconEntry
from ..services import speech, use
from .access import READS, WRITES, person
from .paging import Part, part_of
from .problems import of_form
from .shapes import NewWord, Page, UseOut, WordOut

router = Router(tags=["Account"])


@router.get("/lexicon", auth=READS, response=Page[WordOut], summary="List the words")
def words(request: HttpRequest, part: Query[Part]) -> dict[str, Any]:
    """How words are said, in all documents of this person."""
    return part_of(person(request).lexicon.all(), part)


@router.post("/lexicon", auth=WRITES, response={201: WordOut}, summary="Say how a word is said")
def add_word(request: HttpRequest, new: NewWord) -> Status[LexiconEntry]:
    """Documents follow in a moment: what is spoken of them changes."""
    user = person(request)
    form = LexiconForm(new.model_dump(), instance=LexiconEntry(user=user))
    if not form.is_valid():
        raise of_form(form, 409)
    speech.change_lexicon(user, form.save)
    return Status(201, form.instance)


@router.delete("/lexicon/{int:pk}", auth=WRITES, response={204: None}, summary="Forget a word")
def delete_word(request: HttpRequest, pk: int) -> Status[None]:
    user = person(request)
    speech.change_lexicon(user, get_object_or_404(LexiconEntry, pk=pk, user=user).delete)
    return Status(204, None)


@router.get("/use", auth=READS, response=UseOut, summary="See what was used")
def used(request: HttpRequest) -> dict[str, Any]:
    """The characters of the last thirty days, and by speech model."""
    found = use.of_person(person(request))
    return {
        "days": [{"day": bar.day, "characters": bar.characters} for bar in found["plot"].bars],
        "models": found["models"],
        "limit": found["limit"],
        "left": found["left"] if found["limit"] else None,
    }
