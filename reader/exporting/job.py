"""An export, made a short while at a time: its sounds, their pieces, then the file."""

from __future__ import annotations

import errno
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import av
import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from tts import clock, heartbeat, storage
from tts.demand import wants
from tts.models import Voice, digest
from tts.storage import StorageError, why
from tts.synthesis.ahead import Forbidden

from .. import events, telling
from ..listening import ListeningVoice
from ..models import Export
from . import files
from .gathering import Choice, book_of, recipe_of
from .sounds import Sounds
from .writers import KINDS
from .writers.book import Book
from .writers.captions import webvtt_of
from .writers.sound.containers import chapter_list
from .writers.timeline import Piece

log = structlog.get_logger(__name__)

# A turn of it lasts so long: others that export, and whatever else is in the queue, come between.
TURN_SECONDS = 2.0
TELL_SECONDS = 0.5
MOST_ATTEMPTS = 3
WAIT_SECONDS = 0.5
# So long may a step take that tells nothing: a long piece, on a slow machine.
STEP_SECONDS = 120.0
OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO}
NO_VOICE = "This voice is not offered any more. Choose another one, and begin again."
OTHER_VOICE = (
    "The voice was changed while this was made, so that one part would not sound like the other. "
    "Begin again to have all of it in the voice as it is now."
)
NO_SOUND = "None of it could be spoken, so there is nothing to export."
NOTHING = "There is nothing in what was chosen of this document."
DAMAGED = "A sound that it is made of is damaged. Begin again: it is made anew then."
UNEXPECTED = "Something went wrong that was not expected. Whoever runs this finds it in the log."
FULL = "It cannot be kept: {why}. Nothing of it is left; begin again when there is room."


class Failed(Exception):
    """It cannot be made; in words for a person."""


class Over(Exception):
    """It was stopped, or its document was deleted, or another worker has it."""


def run(export: Export) -> bool:
    """Do what can be done in a turn; tell whether there is more to do. Twice does no harm."""
    if not export.take():
        _clear(export)  # of a document that was deleted nobody else would
        return False
    try:
        more = _Turn(export).run()
    except Over:
        _clear(export)
        return False
    except (Failed, Forbidden) as reason:
        _fail(export, str(reason))
        return False
    except av.FFmpegError as error:
        if isinstance(error, OSError) and error.errno in OF_THE_DISK:
            _fail(export, FULL.format(why=why(error)))
            return False
        log.warning("export.damaged_sound", export=str(export.uuid), reason=str(error))
        _fail(export, DAMAGED)
        return False
    except (StorageError, OSError) as error:
        cause = error.__cause__ if isinstance(error, StorageError) else error
        _fail(export, FULL.format(why=why(cause) if isinstance(cause, OSError) else str(error)))
        return False
    except Exception:
        # It is tried again soon, and not when its lease has expired; but not for ever.
        if export.attempt + 1 < MOST_ATTEMPTS:
            export.keep(attempt=export.attempt + 1, lease_until=None)
        else:
            _fail(export, UNEXPECTED)
        raise
    if more:
        _give_back(export)
    return more


def assist(export: Export) -> bool:
    """Help with sounds and pieces from the end, for a turn; tell whether to come again.

    It holds no lease: whoever has that makes the export, with or without help. While somebody
    listens to the same model there is none.
    """
    if not _is_under_way(export):
        return False
    try:
        return _Help(export).run()
    except (Over, Failed, Forbidden, av.FFmpegError, StorageError, OSError):
        return False  # whoever has the lease comes upon it too, and says so
    finally:
        if not _is_under_way(export):
            _clear(export)


def _is_under_way(export: Export) -> bool:
    return Export.objects.present().under_way().filter(pk=export.pk).exists()


def tell(export: Export) -> None:
    """Tell the open pages how far it is."""
    status = "running" if export.is_under_way else export.status
    events.job_progress(
        export.owner_id,
        export.document.uuid,
        job=f"export:{export.uuid}",
        done=round(export.progress * 1000),
        total=1000,
        status=status,
        error=export.error,
    )


def _give_back(export: Export) -> None:
    Export.objects.filter(pk=export.pk, turn=export.turn).update(lease_until=None)


def _fail(export: Export, words: str) -> None:
    with transaction.atomic():
        ended = export.keep(
            status=Export.Status.ERROR, error=words, lease_until=None, finished_at=clock.now()
        )
        if ended:
            telling.export_done(export)
    _clear(export)
    if ended:
        log.info("export.failed", export=str(export.uuid), error=words)


def _clear(export: Export) -> None:
    """Leave nothing behind of what is over; what another worker goes on with stays.

    How it ended is told once more: what a worker told last may have come after it.
    """
    now = Export.objects.present().select_related("document").filter(pk=export.pk).first()
    if now is None or not now.is_under_way:
        files.discard(export.uuid.hex, but=[str(now.file), str(now.transcript)] if now else [])
    if now and not now.is_under_way:
        tell(now)


class _Turn:
    def __init__(self, export: Export) -> None:
        self._export = export
        self._kind = KINDS[export.kind]
        self._deadline = time.monotonic() + TURN_SECONDS
        self._told_at = 0.0
        self._choice = Choice.of(export.document, export.owner, export.chapters)
        self._voice = self._listening_voice() if self._kind.has_voice else None

    def _listening_voice(self) -> ListeningVoice:
        export = self._export
        usable = Voice.objects.usable(str(export.document.uuid))
        voice = usable.filter(pk=export.voice_id or 0).first()
        if voice is None:
            raise Failed(NO_VOICE)
        listening = ListeningVoice.of(voice, document=export.document, listener=export.owner)
        if recipe_of(listening) != export.recipe_hash:
            raise Failed(OTHER_VOICE)
        return listening

    def run(self) -> bool:
        words: list[str] = []
        if self._voice:
            sounds = Sounds(self._choice, self._voice, str(self._export.owner_id))
            total = sounds.total
            if not total:
                raise Failed(NOTHING)
            more, came = sounds.make_some(self._is_over, self._alive)
            if more:
                if not came:
                    storage.make_sure()
                    time.sleep(WAIT_SECONDS)
                self._note(0.7 * sounds.made / total)
                return True
            made = sounds.made
            if not made:
                raise Failed(" ".join([NO_SOUND, *sounds.words]))
            if made < total:
                words = [f"{total - made} of its passages could not be made.", *sounds.words]
            self._note(0.7)
            if self._kind.needs_words and sounds.align_some(self._is_over, self._alive):
                return True
        book, pieces, keys = self._pieces_of()
        if self._make_pieces(book, pieces, keys):
            return True
        self._write(book, keys, words)
        return False

    def _make_pieces(self, book: Book, pieces: list[Piece], keys: list[str]) -> bool:
        """Make the pieces that are not there; tell whether more are missing."""
        for number, (piece, key) in enumerate(zip(pieces, keys, strict=True)):
            if files.has_piece(self._export, key):
                continue
            if self._is_over():
                return True
            self._note(0.7 + 0.2 * number / len(pieces))
            heartbeat.beat(STEP_SECONDS)
            packets = self._kind.make(book, piece)
            files.store_piece(self._export, key, packets)
        return False

    def _write(self, book: Book, keys: list[str], words: list[str]) -> None:
        export = self._export

        def alive(share: float) -> None:
            heartbeat.beat(STEP_SECONDS)
            if time.monotonic() - self._told_at > TELL_SECONDS:
                self._note(0.9 + 0.1 * share)

        alive(0.0)
        with tempfile.TemporaryDirectory(prefix="export-", dir=_scratch()) as folder:
            target = Path(folder) / f"export.{self._kind.extension}"
            self._kind.write(
                book, lambda number: files.read_piece(export, keys[number]), target, alive
            )
            size = target.stat().st_size
            stored = files.store(export, target, self._kind.extension)
        transcript = ""
        if self._kind.content_type.startswith("audio/"):
            transcript = files.store_transcript(export, webvtt_of(book))
        days = settings.EXPORT_DAYS
        now = clock.now()
        with transaction.atomic():
            kept = export.keep(
                status=Export.Status.DONE,
                file=stored,
                transcript=transcript,
                chapter_list=chapter_list(book) if transcript else [],
                bytes=size,
                progress=1.0,
                error=" ".join(words),
                duration_ms=book.cues[-1].end_ms if self._voice and book.cues else 0,
                text_hash=self._choice.text_hash,
                lease_until=None,
                finished_at=now,
                expires_at=now + timedelta(days=days) if days else None,
            )
            if kept:
                telling.export_done(export)
        if not kept:
            raise Over
        files.discard(export.uuid.hex, but=[stored, transcript])
        log.info("export.done", export=str(export.uuid), kind=export.kind, bytes=size)
        tell(export)

    def _pieces_of(self) -> tuple[Book, list[Piece], list[str]]:
        """Return the book with its pieces, and what they are kept as."""
        book = book_of(
            self._choice, self._export.owner, self._voice, voice_name=self._export.voice_name
        )
        if not book.passages:
            raise Failed(NOTHING)
        pieces = list(self._kind.pieces(book))
        return book, pieces, [_key(self._kind.slug, book, piece) for piece in pieces]

    def _is_over(self) -> bool:
        return time.monotonic() > self._deadline

    def _alive(self) -> None:
        if not self._export.keep():
            raise Over

    def _note(self, progress: float) -> None:
        """Keep and tell how far it is. Raises Over."""
        self._told_at = time.monotonic()
        if not self._export.keep(progress=max(progress, self._export.progress)):
            raise Over
        tell(self._export)


class _Help(_Turn):
    """What another worker does of a turn, beginning at the end."""

    def run(self) -> bool:
        if self._voice is None or self._export.status == Export.Status.QUEUED:
            return False
        if wants.upcoming(self._voice.voice.speech_model_id):
            time.sleep(WAIT_SECONDS)
            return True
        account = str(self._export.owner_id)
        sounds = Sounds(self._choice, self._voice, account, from_end=True)
        more, came = sounds.make_some(self._is_over, self._alive)
        if more:
            if not came:
                time.sleep(WAIT_SECONDS)
            return True
        if self._kind.needs_words and sounds.align_some(self._is_over, self._alive):
            return True
        book, pieces, keys = self._pieces_of()
        return self._make_pieces(book, pieces[::-1], keys[::-1])

    def _alive(self) -> None:
        if not _is_under_way(self._export):
            raise Over

    def _note(self, progress: float) -> None:
        self._alive()


def _key(slug: str, book: Book, piece: Piece) -> str:
    """Return what is another one for a piece that would sound otherwise."""
    parts = [
        f"{cue.sound.name} {cue.start_ms - piece.start_ms} {cue.skip_ms} {cue.length_ms}"
        for cue in piece.cues
    ]
    return digest(slug, str(piece.number), f"{piece.start_ms} {piece.end_ms}", *parts)


def _scratch() -> Path:
    """Return a folder beside the stored files, so that a finished one need not be copied."""
    with suppress(ImproperlyConfigured, OSError):
        folder = Path(settings.MEDIA_ROOT) / files.FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return Path(tempfile.gettempdir())
