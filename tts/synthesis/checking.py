"""Stored sounds that are not what was stored: found, and made anew."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db.models import F, Q
from django.utils import timezone

from tts import storage
from tts.delivery import events
from tts.models import AudioVariant, Status

from .attempts import about, sound_hash

log = structlog.get_logger(__name__)

# In a round each minute: 40,000 a day.
CHECKED_AT_ONCE = 30
CHECKED_EVERY = timedelta(days=7)
READ_BYTES = 256 * 1024


def sound_is_gone(variant: AudioVariant) -> None:
    """Put a cached variant whose file is missing or damaged back in the queue, and tell."""
    path = variant.file.name
    if variant.start_over():
        if path:  # what is left of it, if anything
            storage.discard(path)
        log.warning("variant.file_gone", **about(variant))
        events.variant_changed(variant)


def mend(variant: AudioVariant) -> bool:
    """Put a variant back in the queue if its sound is not what was stored; tell whether it was.

    A storage that does not answer says nothing about a sound.
    """
    try:
        found = _hash_of(str(variant.file.name))
    except FileNotFoundError:
        found = ""
    except OSError as error:
        log.warning("variant.not_checked", reason=str(error), **about(variant))
        return False
    if variant.sound_hash in ("", found) and found:
        AudioVariant.objects.filter(pk=variant.pk, revision=variant.revision).update(
            checked_at=timezone.now(), sound_hash=found
        )
        return False
    sound_is_gone(variant)
    return True


def check_sounds() -> int:
    """Check the sounds that were not for longest; return how many had to be put back."""
    late = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - CHECKED_EVERY)
    next_ones = (
        AudioVariant.objects.filter(late, status=Status.CACHED)
        .select_related("voice__speech_model")
        .order_by(F("checked_at").asc(nulls_first=True))
    )
    return sum(mend(variant) for variant in next_ones[:CHECKED_AT_ONCE])


def _hash_of(name: str) -> str:
    with default_storage.open(name) as file:
        return sound_hash(iter(lambda: file.read(READ_BYTES), b""))
