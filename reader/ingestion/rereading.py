"""Make a document's blocks anew from its source, by today's rules, and keep what belongs to them.

Until all of it is there nothing is changed; then everything is, in one transaction. What dies on
the way is done once more: that it is owed stands in the database (``Document.reread_wanted``).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import takewhile
from textwrap import shorten

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from tts import clock, heartbeat

from .. import events, extraction, narrating
from ..extraction import IMPORTER, Extracted, ExtractionError, sandbox
from ..extraction.sanitise import shown_text
from ..models import (
    BETWEEN_BLOCKS,
    MAX_QUOTE,
    REREADING_LEASE,
    Annotation,
    Block,
    Document,
    DocumentPreferences,
    DocumentQuerySet,
    OutlineEntry,
    Position,
)
from .aside import aside
from .importing import NO_WORDS, extract_source, targets_of
from .making import Making, Stopped, left_out_of, outline_of
from .moves import Moves
from .speaking import Speaker

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 3
CRASHED = "It failed three times, so it was left as it was."
CHARACTERS_PER_SECOND = 14  # of speech, where its sound is not known
ALIKE = 0.8  # of the words: a correction of such a text is kept
# Told beside what was left out, and kept there.
CORRECTION = "Your correction"
CORRECTION_LOST = "“{}” is not said any more: the text it stood for, “{}”, is now another one."
LONGEST_OPENING = 80  # characters
KEPT = ("kind", "level", "language", "html", "text", "correction", "spans", "silence", "unspoken",
        "clips")  # fmt: skip


def read_again(document: Document) -> None:
    """Read a document again, if that is owed. Twice does no harm."""
    if not _begin(document):
        return
    log.info("rereading.begun", document=str(document.uuid), attempt=document.reread_attempt)
    try:
        extracted = extract_source(document)
        made = _Anew(document, extracted.language, Speaker.of(document))
        made.introduce(extracted)
        for draft in extracted.blocks:
            made.add(draft)
            heartbeat.beat(sandbox.SILENT_SECONDS + heartbeat.SILENCE_SECONDS)
        if not made.has_words:
            raise ExtractionError(NO_WORDS)
        _replace(document, extracted, made)
    except ExtractionError as error:
        _fail(document, str(error))
    except Stopped:
        # Its rules were changed meanwhile, or it was deleted: if it is still owed it begins anew.
        _owed(document).update(reread_lease=None)
        log.info("rereading.stopped", document=str(document.uuid))


@dataclass
class _Anew(Making):
    """Blocks that wait until all of them are there."""

    pictures: set[str] = field(default_factory=set)

    @property
    def blocks(self) -> list[Block]:
        return self._waiting

    def introduce(self, extracted: Extracted) -> None:
        if extracted.cover:
            self._keep(extracted.cover)

    def store(self) -> None:
        """Renew the lease. Raises Stopped."""
        if time.monotonic() - self._stored_at < 1:
            return
        self._stored_at = time.monotonic()
        if not _owed(self.document).update(reread_lease=clock.now() + REREADING_LEASE):
            raise Stopped

    def _keep(self, picture: extraction.Picture) -> None:
        self.pictures.add(picture.name)
        super()._keep(picture)


def _begin(document: Document) -> bool:
    """Take it for this worker; one that kills its workers is left as it was."""
    free = Document.objects.to_reread().filter(
        pk=document.pk, reread_attempt=document.reread_attempt
    )
    if document.reread_attempt >= MAX_ATTEMPTS:
        if free.exists():
            _fail(document, CRASHED)
        return False
    if not free.update(
        reread_attempt=F("reread_attempt") + 1, reread_lease=clock.now() + REREADING_LEASE
    ):
        return False
    document.refresh_from_db()
    return True


def _owed(document: Document) -> DocumentQuerySet:
    """Return the document while this attempt is the one that reads it again, else nothing."""
    return Document.objects.ready().filter(
        pk=document.pk,
        reread_attempt=document.reread_attempt,
        reread_wanted__isnull=False,
    )


def _replace(document: Document, extracted: Extracted, made: _Anew) -> None:
    """Put the new blocks in the place of the old ones, and what a person has made of them.

    Others write meanwhile: the new blocks are stored aside, a few at a time, and change places with
    the old ones at once; these are deleted a few at a time too.
    """
    old = list(document.blocks.all())
    shown, new_shown = ([shown_text(each.html) for each in every] for every in (old, made.blocks))
    moves = Moves(shown, new_shown)
    outline = list(outline_of(extracted, made))
    # A correction that comes from here on raises the revision.
    lost = _correct(document, made, moves, shown, new_shown)
    same = _same(old, made.blocks)
    files: list[str] = []
    with aside(document) as place:
        place.store(made.blocks[same:])
        with transaction.atomic():
            done = _owed(document).filter(revision=document.revision).update(
                revision=F("revision") + 1,
                block_count=made.count,
                part_count=extracted.parts,
                parts_done=extracted.parts,
                part_unit=extracted.unit,
                cover=extracted.cover.name if extracted.cover else "",
                language=extracted.language[:35],
                anchors=targets_of(made),
                left_out=[
                    *left_out_of(extracted),
                    *(told for told in document.left_out if told[0] == CORRECTION),
                    *lost,
                ],
                importer=IMPORTER,
                sounds=list(extracted.sounds) or None,
                reread_wanted=None,
                reread_lease=None,
                reread_attempt=0,
                reread_error="",
                changed_at=clock.now(),
            )  # fmt: skip
            if not done:
                raise Stopped
            place.take_place(same)
            document.sounds = list(extracted.sounds) or None
            narrating.keep_voice(document, extracted.narrator)
            narrating.end_empty_voice(document)
            document.outline.all().delete()
            OutlineEntry.objects.bulk_create(
                OutlineEntry(
                    document=document,
                    position=position,
                    level=level,
                    title=title[:300],
                    block_idx=idx,
                )
                for position, (level, title, idx) in enumerate(outline)
            )
            _move_positions(document, old, made.blocks, moves)
            _move_annotations(document, moves, shown, new_shown)
            _move_folded(document, moves, {idx for _, _, idx in outline})
            for picture in document.pictures.all():
                if picture.name not in made.pictures:
                    files.append(str(picture.file))
                    picture.delete()
    for path in files:
        default_storage.delete(path)
    log.info("rereading.done", document=str(document.uuid), blocks=made.count)
    events.document_changed(document.owner_id, document.uuid)


def _correct(
    document: Document, made: _Anew, moves: Moves, shown: list[str], new_shown: list[str]
) -> list[list[str]]:
    """Keep the corrections of blocks that say nearly the same; return what is told of others."""
    taken: set[int] = set()
    lost: list[list[str]] = []
    for block in document.blocks.exclude(correction=""):
        idx = moves.same(block.idx)
        if idx is None:
            idx, _ = moves.place(block.idx, 0)
            words, new_words = shown[block.idx].split(), new_shown[idx].split()
            if SequenceMatcher(None, words, new_words, autojunk=False).ratio() < ALIKE:
                idx = None
        if idx is None or idx in taken:
            log.warning("rereading.correction_lost", block=block.pk)
            opening = shorten(shown[block.idx], LONGEST_OPENING, placeholder="…")
            lost.append([CORRECTION, CORRECTION_LOST.format(block.correction, opening)])
            continue
        taken.add(idx)
        made.blocks[idx].correction = block.correction
        made.speaker.speak(made.blocks[idx], new_shown[idx])
    return lost


def _same(old: list[Block], new: list[Block]) -> int:
    """Return how many blocks from the beginning on stay as they are."""

    def is_same(pair: tuple[Block, Block]) -> bool:
        return all(getattr(pair[0], name) == getattr(pair[1], name) for name in KEPT)

    return sum(1 for _ in takewhile(is_same, zip(old, new, strict=False)))


def _move_positions(document: Document, old: list[Block], new: list[Block], moves: Moves) -> None:
    """Move each person's place. In the sound of a text that stayed it is the same."""
    for position in Position.objects.filter(document=document):
        idx = min(position.block_idx, len(old) - 1)
        same = moves.same(idx)
        if same is not None:
            is_kept = old[idx].text_hash == new[same].text_hash
            block, offset_ms = same, position.offset_ms if is_kept else 0
        else:
            said = position.offset_ms * CHARACTERS_PER_SECOND // 1000
            length = len(shown_text(old[idx].html))
            block, offset = moves.place(idx, min(said, length))
            offset_ms = offset * 1000 // CHARACTERS_PER_SECOND
        Position.objects.filter(pk=position.pk).update(block_idx=block, offset_ms=offset_ms)


def _move_annotations(
    document: Document, moves: Moves, shown: list[str], new_shown: list[str]
) -> None:
    """Move what people marked. What is marked is the same words, as far as they are still there."""
    for mark in Annotation.objects.filter(document=document):
        if mark.end_block_idx >= len(shown):
            continue
        start = _points(shown[mark.block_idx], mark.start)
        end = _points(shown[mark.end_block_idx], mark.end)
        block, start = moves.place(mark.block_idx, start)
        end_block, end = moves.place(mark.end_block_idx, end, is_end=end > 0)
        if (end_block, end) < (block, start):
            end_block, end = block, start
        moved: dict[str, int | str] = {
            "block_idx": block,
            "start": _units(new_shown[block], start),
            "end_block_idx": end_block,
            "end": _units(new_shown[end_block], end),
        }
        if mark.quote:
            texts = new_shown[block : end_block + 1]
            texts[-1] = texts[-1][:end]
            texts[0] = texts[0][start:]
            # Of words that are gone the old ones still tell what was meant.
            moved["quote"] = BETWEEN_BLOCKS.join(texts).strip()[:MAX_QUOTE] or mark.quote
        Annotation.objects.filter(pk=mark.pk).update(**moved)


def _move_folded(document: Document, moves: Moves, chapters: set[int]) -> None:
    """Move the chapters that are skipped, if there is one that begins there."""
    for chosen in DocumentPreferences.objects.filter(document=document).exclude(folded=[]):
        moved = {moves.place(int(idx), 0)[0] for idx in chosen.folded}
        chosen.folded = sorted(moved & chapters)
        chosen.save(update_fields=["folded"])


def _points(text: str, units: int) -> int:
    """Return how many characters so many UTF-16 units of a text are."""
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


def _units(text: str, points: int) -> int:
    return len(text[:points].encode("utf-16-le")) // 2


def _fail(document: Document, error: str) -> None:
    """Say why it was not read again; it stays as it was."""
    failed = _owed(document).update(
        reread_wanted=None, reread_lease=None, reread_attempt=0, reread_error=error
    )
    if failed:
        log.warning("rereading.failed", document=str(document.uuid), reason=error)
