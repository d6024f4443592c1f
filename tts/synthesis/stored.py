"""Stored sounds that are to be made anew, or are to be deleted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from tts.delivery import events
from tts.models import AudioVariant, Status

# Below every database's limit of variables in one statement.
DELETE_BATCH = 500


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
    """Delete variants, and their files once that is committed."""
    variants = list(variants)
    with transaction.atomic():
        for first in range(0, len(variants), DELETE_BATCH):
            batch = [variant.pk for variant in variants[first : first + DELETE_BATCH]]
            AudioVariant.objects.filter(pk__in=batch).delete()
        for path in [str(variant.file) for variant in variants if variant.file]:
            # One file that cannot be deleted keeps no other from it.
            transaction.on_commit(partial(default_storage.delete, path), robust=True)
    return len(variants)
