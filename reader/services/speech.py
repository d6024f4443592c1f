"""What is spoken of documents, and what is not."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import F

from .. import tasks
from ..extraction.sanitise import shown_text
from ..models import Block, Document, DocumentQuerySet, User
from ..spoken import RULES


def change(documents: DocumentQuerySet, how: Callable[[], object]) -> None:
    """Change what decides the speech of these documents, and have their blocks follow.

    That they do not follow yet is written down with the change itself: whatever dies, it is done.
    """
    with transaction.atomic():
        how()
        documents.update(speech_asked=F("speech_asked") + 1)
        transaction.on_commit(tasks.speak_again.delay, robust=True)


def change_lexicon(user: User, how: Callable[[], object]) -> None:
    """Change a person's lexicon: their documents follow, also those that may be restored."""
    change(Document.objects.filter(owner=user), how)


def left_out(block: Block) -> list[tuple[str, str]]:
    """Return what rules leave out of a block: the passage, and the rule in words."""
    words = {rule.name: rule.words for rule in RULES}
    shown = shown_text(block.html)
    if block.silence and not block.unspoken:
        return [(shown, words.get(block.silence, block.silence))]
    units = shown.encode("utf-16-le", "surrogatepass")
    return [
        (units[2 * start : 2 * end].decode("utf-16-le", "replace"), words.get(rule, rule))
        for start, end, rule in block.unspoken
    ]
