"""When the storage fails: told as what it is, and nobody's work is wasted meanwhile.

A disk that is full or not there fails every sound alike. So the failure is noted for all workers,
and before an engine is asked again it is tried whether something can be kept.
"""

from __future__ import annotations

import errno
import time
import uuid

import redis
import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from .connections import PREFIX, redis_client
from .speech import SpeechError

log = structlog.get_logger(__name__)

KEY = f"{PREFIX}:storage-failed"
NOTED_SECONDS = 600
PROBE_BYTES = 64 * 1024
NO_ROOM = (
    "There is no room left where Lectern keeps documents, so nothing of this was kept. Whoever "
    "runs Lectern has to make room; then bring it in again."
)
NOT_WRITABLE = (
    "Lectern cannot write to where it keeps documents, so nothing of this was kept. Whoever runs "
    "it finds out why with manage.py doctor; then bring it in again."
)
# So often does a process that works look whether another one met with a failure.
ASK_SECONDS = 0.5
_asked_at = -ASK_SECONDS


class StorageError(SpeechError):
    """What was made cannot be kept."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"The sound cannot be kept: {why(error)}. It is tried again after a while.",
            retryable=True,
            advice="Look at the storage: is there room, and may Lectern write to it?",
        )


def why(error: OSError) -> str:
    """Return what the system says of a failure, without paths."""
    reason = error.strerror or type(error).__name__
    return reason[:1].lower() + reason[1:]


def refusal(error: BaseException) -> tuple[int, str] | None:
    """Return a status and words for a storage that takes nothing; None: another error."""
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        return 507, NO_ROOM
    if number in (errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM):
        return 503, NOT_WRITABLE
    return None


def keep(name: str, content: bytes) -> str:
    """Store a file and return its name. Raises StorageError; nothing is left of it then."""
    try:
        return default_storage.save(name, ContentFile(content))
    except OSError as error:
        discard(name)  # a full disk leaves the first half
        _note()
        log.warning("storage.failed", name=name, reason=str(error))
        raise StorageError(error) from error


def discard(name: str) -> None:
    """Delete a file if that can be done; what is left is collected later."""
    try:
        default_storage.delete(name)
    except OSError as error:
        log.warning("storage.not_deleted", name=name, reason=str(error))


def make_sure() -> None:
    """Find out whether it works again, if it failed lately. Raises StorageError."""
    global _asked_at
    if time.monotonic() - _asked_at < ASK_SECONDS:
        return
    try:
        if not redis_client().exists(KEY):
            _asked_at = time.monotonic()
            return
    except redis.RedisError:
        return
    probe = f"audio/{uuid.uuid4().hex[:2]}/probe-{uuid.uuid4().hex}"
    discard(keep(probe, bytes(PROBE_BYTES)))
    redis_client().delete(KEY)


def _note() -> None:
    global _asked_at
    _asked_at = -ASK_SECONDS
    try:
        redis_client().set(KEY, 1, ex=NOTED_SECONDS)
    except redis.RedisError as error:
        log.warning("storage.not_noted", reason=str(error))
