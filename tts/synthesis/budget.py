"""Keep the stored sounds within what they may take up: those heard longest ago go first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q, Sum

from tts import clock
from tts.demand import heard
from tts.models import AudioVariant, Status

from . import stored

log = structlog.get_logger(__name__)

MB = 1024 * 1024
# What was heard, wanted or made within that time may be in somebody's ears.
IN_USE = timedelta(hours=1)
DELETED_AT_ONCE = 50
# Whoever frees space makes some room, so that not each new sound has an old one deleted.
ROOM = 0.05


def keep_to_budget(needed: Callable[[Sequence[str]], Iterable[str]]) -> int:
    """Delete what was heard longest ago while there is too much; return how many sounds.

    ``needed`` is asked which of some text hashes are needed by unfinished work. What is needed, or
    was heard within the last hour, stays, though it be too much.
    """
    heard.write()
    if not settings.MAX_SOUNDS_MB:
        return 0
    most = settings.MAX_SOUNDS_MB * MB
    there = AudioVariant.objects.filter(status=Status.CACHED)
    total = there.aggregate(total=Sum("bytes"))["total"] or 0
    if total <= most:
        return 0
    most = round(most * (1 - ROOM))
    quiet = Q(heard_at=None) | Q(heard_at__lt=clock.now() - IN_USE)
    oldest = there.filter(quiet, changed_at__lt=clock.now() - IN_USE).order_by(
        F("heard_at").asc(nulls_first=True), "pk"
    )
    count, passed = 0, 0
    while total > most:
        batch = list(
            oldest.only("pk", "file", "bytes", "text_hash", "recipe_hash")[
                passed : passed + DELETED_AT_ONCE
            ]
        )
        if not batch:
            break
        keep = set(needed([variant.text_hash for variant in batch]))
        going: list[AudioVariant] = []
        for variant in batch:
            if variant.text_hash in keep or total <= most:
                passed += 1
            else:
                going.append(variant)
                total -= variant.bytes
        count += stored.delete(going)
    if count or total > most:
        log.info("storage.budget", deleted=count, bytes=total, most=most)
    return count
