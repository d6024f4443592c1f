"""Files that belong to no row: left by who died between file and row, or by a full disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from tts import storage
from tts.models import AudioVariant

log = structlog.get_logger(__name__)

# Whoever stores a file notes it within that time.
FILE_IS_OLD = timedelta(hours=1)
COMPARED_AT_ONCE = 400


def sweep_sounds() -> int:
    """Delete the files of sounds that no variant names; return how many."""
    return sweep(
        "audio",
        lambda names: AudioVariant.objects.filter(file__in=names).values_list("file", flat=True),
    )


def sweep(folder: str, known: Callable[[Sequence[str]], Iterable[str]]) -> int:
    """Delete what lies in a folder of the storage and is not known; return how many files."""
    files, count = _files(folder), 0
    while names := list(islice(files, COMPARED_AT_ONCE)):
        for name in set(names) - set(known(names)):
            # Old first, then asked for once more: it may have been noted in between.
            if _is_old(name) and not list(known([name])):
                storage.discard(name)
                log.warning("storage.stray_file_deleted", name=name)
                count += 1
    return count


def _files(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _files(f"{folder}/{name}")


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - FILE_IS_OLD
    except FileNotFoundError:
        return False
