"""Stored sounds that are to be made anew, or are to be deleted."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from tts.delivery import events
from tts.models import AudioVariant, Status

DELETE_BATCH = 100  # in a transaction: a few hundredths of a second


def make_again(variants: Iterable[AudioVariant]) -> int:
    """Forget these sounds and failures, so that they are made anew when wanted."""
    count = 0
    for variant in variants:
        path = variant.file.name
        if variant.status != Status.PROCESSING and variant.start_over():
            if path:
                default_storage.delete(path)
            events.variant_changed(variant)
            count += 1
    return count


def delete(variants: Iterable[AudioVariant]) -> int:
    """Delete variants, a few at a time, and their files once that is committed."""
    variants = list(variants)
    for first in range(0, len(variants), DELETE_BATCH):
        began = time.monotonic()
        with transaction.atomic():
            delete_now(variants[first : first + DELETE_BATCH])
        if first + DELETE_BATCH < len(variants):  # whoever else wants to write comes in between
            time.sleep(time.monotonic() - began)
    return len(variants)


def delete_now(variants: Iterable[AudioVariant]) -> None:
    """Delete a few variants in the transaction of whoever calls, and their files after it."""
    variants = list(variants)
    AudioVariant.objects.filter(pk__in=[variant.pk for variant in variants]).delete()
    for path in [str(variant.file) for variant in variants if variant.file]:
        # One file that cannot be deleted keeps no other from it.
        transaction.on_commit(partial(default_storage.delete, path), robust=True)
