"""A folder that is watched: what is put into it becomes documents.

It has a folder for each person, by their name. A file is taken once it has stopped growing and
nobody has it open to write, and is then put into ``done`` beside it, or into ``failed`` with the
reason in words.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import structlog
from celery import shared_task
from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from tts.connections import PREFIX, redis_client

from .forms.documents import DocumentForm
from .models import User
from .services.documents import add_document

log = structlog.get_logger(__name__)

DONE, FAILED = "done", "failed"
# What programs call a file that they have not written to its end.
UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".swp", "~")
# It has to be as it was at an earlier look, and not to have changed for so long.
QUIET_SECONDS = 5.0
SEEN = f"{PREFIX}:folder"
SEEN_SECONDS = 3600
AT_ONCE = 20


@shared_task
def watch_folder() -> None:
    """Bring in what was put into the folder."""
    if settings.IMPORT_FOLDER:
        look(Path(settings.IMPORT_FOLDER))


def look(folder: Path) -> int:
    """Bring in the files that are whole; return how many."""
    count = 0
    for own in sorted(_inside(folder)):
        user = User.objects.filter(username=own.name, is_active=True).first()
        if user is None or own.is_symlink() or not own.is_dir():
            continue
        for path in sorted(_inside(own)):
            if count < AT_ONCE and _is_whole(path):
                count += _bring_in(user, path)
    return count


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _is_whole(path: Path) -> bool:
    """Tell whether a file is all there: it is as it was at the last look, and quiet."""
    name = path.name.lower()
    if name.startswith(".") or name.endswith(UNFINISHED) or path.is_symlink():
        return False
    try:
        stat = path.stat()
    except OSError:
        return False
    if not path.is_file() or time.time() - stat.st_mtime < QUIET_SECONDS:
        return False
    seen = f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ino}"
    key = f"{SEEN}:{path}"
    before = redis_client().getset(key, seen)
    redis_client().expire(key, SEEN_SECONDS)
    return before == seen.encode() and not _is_being_written(path)


def _is_being_written(path: Path) -> bool:
    """Tell whether a program of this machine has a file open to write: a copy that only pauses.

    Linux gives its owner a lease for reading (fcntl(2), F_SETLEASE) only if nobody writes to it.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False  # why it cannot be read is told when it is brought in
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:  # another's file, or storage without leases
        return False
    finally:
        os.close(file)  # and the lease goes
    return False


def _bring_in(user: User, path: Path) -> bool:
    """Bring a file in, once: it is taken away before, so that no other worker finds it."""
    taken = path.with_name(f".{path.name}.{time.time_ns()}{UNFINISHED[0]}")
    try:
        path.rename(taken)
    except OSError:  # another worker was sooner, or it may not be moved
        return False
    try:
        with taken.open("rb") as content:
            words = _refusal(user, path.name, File(content, name=path.name))
    except OSError as error:
        words = f"It cannot be read: {error.strerror}."
    _put(taken, path, FAILED if words else DONE)
    if words:
        (path.parent / FAILED / f"{path.name}.why.txt").write_text(words + "\n")
        log.warning("folder.failed", file=path.name, user=user.pk, reason=words)
    return not words


def _refusal(user: User, name: str, file: File[bytes]) -> str:
    """Bring a file in; return in words why it is refused, or nothing."""
    upload: UploadedFile[bytes] = UploadedFile(file.file, name=name, size=file.size)
    form = DocumentForm({}, MultiValueDict({"file": [upload]}), owner=user)
    if form.is_valid():
        add_document(owner=user, upload=form.cleaned_data["file"], kind=form.kind)
        return ""
    if form.known:  # it is there already, which is as good
        return ""
    return " ".join(str(each) for errors in form.errors.values() for each in errors)


def _put(taken: Path, path: Path, where: str) -> None:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    if target.exists():
        target = folder / f"{path.stem}-{time.time_ns()}{path.suffix}"
    taken.rename(target)
