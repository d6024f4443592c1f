"""What is spoken of documents, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from .. import tasks
from ..extraction.sanitise import shown_text
from ..models import Block, Document, User
from ..spoken import RULES


def speak_again(documents: Sequence[Document]) -> None:
    """Have the rules of these documents, or what else decides their speech, applied anew."""
    ids = [document.pk for document in documents]
    transaction.on_commit(lambda: tasks.speak_again.delay(ids), robust=True)


def speak_all_again(user: User) -> None:
    """The person's lexicon changed: their documents follow, also those that may be restored."""
    speak_again(list(Document.objects.filter(owner=user, status=Document.Status.READY)))


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
