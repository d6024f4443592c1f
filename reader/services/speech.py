"""What is spoken of documents, and what is not."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import F

from .. import tasks
from ..extraction.sanitise import shown_text
from ..ingestion import speaking
from ..models import Block, Document, DocumentQuerySet, LexiconEntry, User
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


@transaction.atomic
def say_word(entry: LexiconEntry, *, heard_in: Block) -> bool:
    """Keep how a word is said. The block in which it was heard follows at once, all others soon.

    Return whether anything else is said in that block now.
    """
    change_lexicon(entry.user, entry.save)
    return speaking.speak_block_again(heard_in)


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
