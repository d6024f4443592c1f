"""What is spoken of a document's blocks, by the choices of the person who listens."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q

from tts import clock
from tts.models import hash_text
from tts.scripts import is_written_so

from .. import events
from ..extraction.language import language_of
from ..extraction.sanitise import shown_text
from ..models import Block, Document, DocumentQuerySet
from ..spoken import Pronunciation, chosen, speak

log = structlog.get_logger(__name__)

READ_BLOCKS = 500
BATCH = 40  # blocks in a transaction: a few hundredths of a second
LEASE = timedelta(seconds=30)
KEEP_SECONDS = 5.0
TELL_SECONDS = 3.0
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


class LeaseLost(Exception):
    """Somebody else applies the document's rules now, or it is gone."""


def speak_again(document: Document) -> int:
    """Apply the document's rules and its person's lexicon anew; return how many blocks changed.

    Only the blocks whose text changed are written, a few at a time, so that nobody waits for it.
    The document's revision rises, and open pages are told, every few seconds and at the end. What
    is left when this ends early is done once more. Raises LeaseLost.
    """
    lease = _Lease(document)
    document.refresh_from_db()  # what was asked for until now is what is done
    asked = document.speech_asked
    speaker = Speaker.of(document)
    changed, last = 0, -1
    while page := list(document.blocks.filter(idx__gt=last)[:READ_BLOCKS]):
        last = page[-1].idx
        stale = [block for block in page if speaker.speak(block, shown_text(block.html))]
        for first in range(0, len(stale), BATCH):
            changed += _write(speaker, stale[first : first + BATCH], lease)
        lease.keep()
    lease.end(speech_done=asked)
    if changed:
        log.info("document.spoken_again", document=str(document.uuid), blocks=changed)
    return changed


def speak_block_again(block: Block) -> bool:
    """Apply them to one block before all others, since somebody listens to it; tell of a change."""
    document = block.document
    if not Speaker.of(document).speak(block, shown_text(block.html)):
        return False
    with transaction.atomic():
        Block.objects.filter(pk=block.pk).update(**{name: getattr(block, name) for name in FIELDS})
        changes = {"revision": F("revision") + 1, "changed_at": clock.now()}
        Document.objects.filter(pk=document.pk).update(**changes)
        transaction.on_commit(
            lambda: events.document_changed(document.owner_id, document.uuid), robust=True
        )
    return True


def _write(speaker: Speaker, blocks: Sequence[Block], lease: _Lease) -> int:
    """Write some blocks as they are to be spoken; return how many changed. Raises LeaseLost."""
    began = time.monotonic()
    with transaction.atomic():
        now = Block.objects.select_for_update().in_bulk([block.pk for block in blocks])
        for block in filter(lambda block: block.pk in now, blocks):
            if block.correction != now[block.pk].correction:  # it came meanwhile, and counts
                block.correction = now[block.pk].correction
                speaker.speak(block, shown_text(block.html))
            # One by one is several times as fast as Django's bulk_update.
            Block.objects.filter(pk=block.pk).update(
                **{field: getattr(block, field) for field in FIELDS}
            )
        lease.renew(has_changed=bool(now))
    # Whoever else wants to write comes in between.
    time.sleep(time.monotonic() - began)
    return len(now)


class _Lease:
    """A document's rules are applied by one at a time: an older choice never overtakes a newer."""

    def __init__(self, document: Document) -> None:
        """Take it. Raises LeaseLost if somebody has it."""
        self._document = document
        self._told_at = self._renewed_at = time.monotonic()
        self._has_changed = False
        free = Q(speech_lease_until=None) | Q(speech_lease_until__lt=clock.now())
        self._until = clock.now() + LEASE
        if not self._rows(free).update(speech_lease_until=self._until):
            raise LeaseLost

    def renew(self, *, has_changed: bool = False) -> None:
        """Go on. Raises LeaseLost."""
        self._has_changed |= has_changed
        until = clock.now() + LEASE
        self._update(speech_lease_until=until)
        self._until, self._renewed_at = until, time.monotonic()

    def keep(self) -> None:
        """Go on, if it is time to say so. Raises LeaseLost."""
        if time.monotonic() - self._renewed_at > KEEP_SECONDS:
            self.renew()

    def end(self, *, speech_done: int) -> None:
        """Give it back: what was asked for up to then is done. Raises LeaseLost."""
        self._told_at = 0.0
        self._update(speech_lease_until=None, speech_done=speech_done)

    def _update(self, **changes: object) -> None:
        now = time.monotonic()
        is_told = self._has_changed and now - self._told_at > TELL_SECONDS
        if is_told:
            changes |= {"revision": F("revision") + 1, "changed_at": clock.now()}
        if not self._rows(Q(speech_lease_until=self._until)).update(**changes):
            raise LeaseLost
        if is_told:
            self._has_changed, self._told_at = False, now
            owner, uuid = self._document.owner_id, self._document.uuid
            transaction.on_commit(lambda: events.document_changed(owner, uuid), robust=True)

    def _rows(self, condition: Q) -> DocumentQuerySet:
        return Document.objects.filter(condition, pk=self._document.pk)
