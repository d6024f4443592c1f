"""What is spoken of a document's blocks, by the choices of the person who listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tts.models import hash_text
from tts.scripts import is_written_so

from .. import events
from ..extraction.language import language_of
from ..extraction.sanitise import shown_text
from ..models import Block, Document
from ..spoken import Pronunciation, chosen, speak

log = structlog.get_logger(__name__)

BATCH = 500
FIELDS = ["language", "text", "text_hash", "characters", "spans", "silence", "unspoken"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """The rules and the lexicon that hold for a document."""

    silent: frozenset[str]
    words: Sequence[Pronunciation]

    @classmethod
    def of(cls, document: Document) -> Speaker:
        words = [
            Pronunciation(each.word, each.say, each.language, each.match_case, each.whole_word)
            for each in document.owner.lexicon.all()
        ]
        return cls(chosen(document.speech_level, document.speech_switches), words)

    def speak(self, block: Block, shown: str) -> bool:
        """Decide what is spoken of a block; tell whether that changed."""
        before = (block.language, block.text, block.silence, block.unspoken)
        if block.correction:
            block.text, block.spans, block.silence, block.unspoken = block.correction, [], "", []
        else:
            said = speak(
                block.kind,
                block.html,
                shown,
                silent=self.silent,
                words=self.words,
                language=block.language,
            )
            block.text, block.silence = said.text, said.silence
            block.spans = [list(span) for span in said.spans]
            block.unspoken = [list(each) for each in said.unspoken]
        if block.text and not is_written_so(block.text, block.language):  # as older imports left it
            block.language = language_of(block.text, block.language, is_told=True)[:35]
        block.text_hash = hash_text(block.text, block.language) if block.text else ""
        block.characters = len(block.text)
        return before != (block.language, block.text, block.silence, block.unspoken)


def speak_again(document: Document) -> int:
    """Apply the document's rules and its person's lexicon anew; return how many blocks changed.

    Only the blocks whose text changed are written, and only their sounds are made anew. Open pages
    are told by the document's new revision.
    """
    speaker = Speaker.of(document)
    changed: list[Block] = []
    for block in document.blocks.iterator(chunk_size=BATCH):
        if speaker.speak(block, shown_text(block.html)):
            changed.append(block)
    if not changed:
        return 0
    with transaction.atomic():
        Block.objects.bulk_update(changed, FIELDS, batch_size=BATCH)
        Document.objects.filter(pk=document.pk).update(
            revision=F("revision") + 1, changed_at=timezone.now()
        )
        transaction.on_commit(lambda: events.document_changed(document.owner_id, document.uuid))
    log.info("document.spoken_again", document=str(document.uuid), blocks=len(changed))
    return len(changed)
