"""Make the sound of a whole document ahead of its time, a short while at a time."""

from __future__ import annotations

import time

import structlog
from django.db.models import Case, F, Q, QuerySet, Value, When

from tts import clock, synthesis
from tts.models import Status as VariantStatus
from tts.models import Voice
from tts.synthesis.ahead import Forbidden, Outcome, make_ahead

from . import events
from .listening import ListeningVoice, spoken_blocks
from .models import Block, Document, Position, Preparation

log = structlog.get_logger(__name__)

# A turn of it lasts so long: others that prepare, and whatever else is in the queue, come between.
TURN_SECONDS = 2.0
TELL_SECONDS = 0.5
WAIT_SECONDS = 0.5
BATCH_BLOCKS = 50
NO_VOICE = "This voice is not offered any more."


def prepare(preparation: Preparation) -> bool:
    """Make what can be made in a turn; tell whether there is more to do. Twice does no harm."""
    if not preparation.take():
        _tell_end(preparation)
        return False
    turn = None
    try:
        turn = _Turn(preparation)
        more = turn.run()
    except Forbidden as reason:
        if turn:
            turn.note()
        _end(preparation, Preparation.Status.FAILED, error=str(reason))
        return False
    except Exception:
        _give_back(preparation)  # it is tried again soon, and not when its lease has expired
        raise
    if more:
        _give_back(preparation)
    return more


def _give_back(preparation: Preparation) -> None:
    Preparation.objects.filter(pk=preparation.pk, turn=preparation.turn).update(lease_until=None)


def tell(preparation: Preparation) -> None:
    """Tell the open pages how far it is."""
    status = {
        Preparation.Status.RUNNING: "running",
        Preparation.Status.FAILED: "error",
        Preparation.Status.STOPPED: "stopped",
        Preparation.Status.DONE: "done",
    }
    events.job_progress(
        preparation.document.owner_id,
        preparation.document.uuid,
        job="preparation",
        done=preparation.done,
        total=preparation.total,
        status=status[Preparation.Status(preparation.status)],
        error=preparation.error,
    )


def _tell_end(preparation: Preparation) -> None:
    """Tell how it ended, if it is over: what a worker told last may have come after that news."""
    now = Preparation.objects.select_related("document").filter(pk=preparation.pk).first()
    if now and now.status != Preparation.Status.RUNNING:
        tell(now)


class _Turn:
    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._document: Document = preparation.document
        usable = Voice.objects.usable(str(self._document.uuid))
        voice = usable.filter(pk=preparation.voice_id).first()
        if voice is None:
            raise Forbidden(NO_VOICE)
        self._voice = ListeningVoice.of(
            voice, preparation.sound, document=self._document, listener=preparation.user
        )
        self._told_at = 0.0
        self._left_out: dict[str, str] = {}  # languages whose stand-in may not speak, and why

    def run(self) -> bool:
        deadline = time.monotonic() + TURN_SECONDS
        while time.monotonic() < deadline:
            if not self.note():
                return False  # it was stopped
            batch = list(self._pending()[:BATCH_BLOCKS])
            if not batch:
                unmade = self._preparation.total - self._preparation.done
                words = [f"{unmade} of its blocks could not be made."] if unmade else []
                words += dict.fromkeys(self._left_out.values())
                _end(self._preparation, Preparation.Status.DONE, error=" ".join(words))
                return False
            if not self._make(batch, deadline):
                time.sleep(WAIT_SECONDS)
        return self.note()

    def _make(self, batch: list[Block], deadline: float) -> bool:
        """Make some of these; tell whether any came of it."""
        came = False
        seen: set[str] = set()
        for block in batch:
            if time.monotonic() > deadline:
                break
            if block.text_hash in seen:
                continue
            seen.add(block.text_hash)
            outcome = self._make_one(block)
            came = came or outcome in (Outcome.MADE, Outcome.FAILED)
            if outcome is Outcome.LATER or not self._tell_soon():
                break
        return came

    def _make_one(self, block: Block) -> Outcome:
        voice = self._voice.for_text(block.text_hash, block.language)
        try:
            return make_ahead(
                voice.voice,
                account=str(self._preparation.user_id),
                sound=self._preparation.sound,
                text_hash=block.text_hash,
                text=block.text,
                language=block.language,
                on_alive=self._preparation.keep,
            )
        except Forbidden as reason:
            if voice is self._voice:
                raise
            self._left_out[block.language] = str(reason)  # the rest does not depend on it
            return Outcome.FAILED

    def _tell_soon(self) -> bool:
        """Note how far it is every now and then; False when it was stopped."""
        return time.monotonic() - self._told_at < TELL_SECONDS or self.note()

    def note(self) -> bool:
        """Count, keep and tell how far it is; False when it was stopped."""
        self._told_at = time.monotonic()
        spoken = spoken_blocks(self._document)
        kept = self._preparation.keep(
            total=spoken.count(),
            done=spoken.filter(self._made()).count(),
            failed=spoken.filter(self._failed()).count(),
        )
        if kept:
            tell(self._preparation)
        else:
            _tell_end(self._preparation)
        return kept

    def _pending(self) -> QuerySet[Block]:
        """Return the blocks without a sound, first those from where the person is."""
        position = Position.objects.filter(
            document=self._document, user_id=self._preparation.user_id
        ).first()
        place = position.block_idx if position else 0
        return (
            spoken_blocks(self._document)
            .exclude(self._made())
            .exclude(self._failed())
            .exclude(self._voice.stood_in_for(self._left_out))
            .order_by(Case(When(idx__lt=place, then=Value(1)), default=Value(0)), F("idx"))
        )

    def _made(self) -> Q:
        return self._voice.having(status=VariantStatus.CACHED)

    def _failed(self) -> Q:
        fresh = clock.now() - synthesis.ERROR_IS_FRESH
        return self._voice.having(status=VariantStatus.ERROR, changed_at__gte=fresh)


def _end(preparation: Preparation, status: Preparation.Status, *, error: str = "") -> None:
    if preparation.keep(status=status, error=error, lease_until=None):
        log.info(
            "preparation.ended",
            document=str(preparation.document.uuid),
            status=status.value,
            failed=preparation.failed,
            error=error,
        )
        tell(preparation)
        events.document_changed(preparation.document.owner_id, preparation.document.uuid)
    else:
        _tell_end(preparation)
