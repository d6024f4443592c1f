"""The sounds and word times that an export needs, made where they are missing.

Whoever listens comes first, as with preparations.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from tts import synthesis
from tts.models import AudioVariant, Status
from tts.synthesis.ahead import Forbidden, Outcome, make_ahead

from ..listening import ListeningVoice
from ..models import Block
from .gathering import READ_AT_ONCE, Choice, variants_of

BATCH_BLOCKS = 50


class Sounds:
    """The sounds of what is exported, in a voice and the ones that stand in for it."""

    def __init__(
        self, choice: Choice, voice: ListeningVoice, account: str, *, from_end: bool = False
    ) -> None:
        self._choice = choice
        self._voice = voice
        self._account = account
        self._order = "-idx" if from_end else "idx"
        self._left_out: dict[str, str] = {}  # languages whose stand-in may not speak, and why

    @property
    def total(self) -> int:
        return self._choice.spoken().count()

    @property
    def made(self) -> int:
        return self._choice.spoken().filter(self._made()).count()

    @property
    def words(self) -> list[str]:
        """What to tell of the sounds that could not be made."""
        return list(dict.fromkeys(self._left_out.values()))

    def make_some(
        self, is_time_over: Callable[[], bool], alive: Callable[[], object]
    ) -> tuple[bool, bool]:
        """Make what is missing until time is over; tell whether more is, and whether any came.

        Raises Forbidden.
        """
        came = False
        while batch := list(self._pending()[:BATCH_BLOCKS]):
            if is_time_over():
                return True, came
            seen: set[str] = set()
            moved = False
            for block in batch:
                if is_time_over():
                    return True, came
                if block.text_hash in seen:
                    continue
                seen.add(block.text_hash)
                outcome = self._make(block, alive)
                moved = moved or outcome in (Outcome.MADE, Outcome.FAILED)
                came = came or moved
                if outcome is Outcome.LATER:
                    return True, came
            if not moved:
                return True, came
        return False, came

    def align_some(self, is_time_over: Callable[[], bool], alive: Callable[[], object]) -> bool:
        """Look for the word times that are missing until time is over; tell whether more are."""
        from tts import aligning  # NumPy's memory is for who needs it

        for pk in self._unaligned():
            if is_time_over():
                return True
            variant = AudioVariant.objects.select_related("voice").filter(pk=pk).first()
            if variant:
                aligning.align(variant)
            alive()
        return False

    def _unaligned(self) -> list[UUID]:
        """Return the sounds at whose words nobody has looked: the last first, as others who look
        begin at the front."""
        blocks = list(self._choice.spoken().defer("html", "text"))
        variants = variants_of(blocks, self._voice)
        wanted = (variants[block.pk] for block in reversed(blocks) if block.pk in variants)
        unknown = (variant.pk for variant in wanted if not variant.marks_source)
        return list(dict.fromkeys(islice(unknown, READ_AT_ONCE)))

    def _make(self, block: Block, alive: Callable[[], object]) -> Outcome:
        voice = self._voice.for_text(block.text_hash, block.language)
        try:
            return make_ahead(
                voice.voice,
                account=self._account,
                sound=voice.sound,
                text_hash=block.text_hash,
                text=block.text,
                language=block.language,
                on_alive=alive,
            )
        except Forbidden as reason:
            if voice is self._voice:
                raise
            self._left_out[block.language] = str(reason)  # the rest does not depend on it
            return Outcome.FAILED

    def _pending(self) -> QuerySet[Block]:
        return (
            self._choice.spoken()
            .exclude(self._made())
            .exclude(self._failed())
            .exclude(self._voice.stood_in_for(self._left_out))
            .order_by(self._order)
        )

    def _made(self) -> Q:
        return self._voice.having(status=Status.CACHED)

    def _failed(self) -> Q:
        fresh = timezone.now() - synthesis.ERROR_IS_FRESH
        return self._voice.having(status=Status.ERROR, changed_at__gte=fresh)
