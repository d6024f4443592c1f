"""A voice on its way: asked for, fetched, checked, put in place whole or not at all.

What was asked for is a row: it survives every death. What came is kept in a folder of its own until
all of it is there and checked, so whoever goes on has less to fetch.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from tts import clock
from tts.models import SpeechModel, VoiceDownload
from tts.voices import catalogue

from . import installed, transfer
from .catalogues import card, source_of
from .offers import File, Offer
from .transfer import Interrupted, TransferFailed

log = structlog.get_logger(__name__)
Status = VoiceDownload.Status

# So long does a worker go on at a stretch, for imports wait behind it; so often is told how far.
STRETCH_SECONDS = 30.0
TOLD_SECONDS = 1.0
# So often is tried what may pass.
MOST_ATTEMPTS = 6
# What is to be left on the disk for everything else.
ROOM_BYTES = 200_000_000


def ask_for(offer: Offer) -> VoiceDownload:
    """Write down that a voice is to be fetched; what is on its way already stays so."""
    download, _ = VoiceDownload.objects.get_or_create(
        name=offer.name, defaults={"engine": offer.engine, "files": []}
    )
    VoiceDownload.objects.filter(pk=download.pk).exclude(
        status__in=[Status.WAITING, Status.RUNNING], bytes_total__gt=0
    ).update(
        engine=offer.engine,
        files=[file.as_json() for file in offer.files],
        card_url=offer.card_url,
        status=Status.WAITING,
        attempt=0,
        bytes_done=0,
        bytes_total=offer.size,
        error="",
        changed_at=clock.now(),
    )
    download.refresh_from_db()
    return download


def run(download: VoiceDownload, on_progress: Callable[[], None] = lambda: None) -> bool:
    """Fetch a voice, for a stretch; tell whether another one is due. Raises nothing of its own."""
    if not download.claim():
        return False
    progress = _Progress(download, on_progress)
    try:
        _fetch(download, progress, until=time.monotonic() + STRETCH_SECONDS)
        _place(download)
    except Interrupted:
        # It is no failure: what comes next is counted anew.
        return download.note(status=Status.WAITING, attempt=0)
    except _NotOurs:
        return _leave(download)
    except (TransferFailed, OSError) as failure:
        if not download.note():  # who stopped it took the files away
            return _leave(download)
        error = failure if isinstance(failure, TransferFailed) else _of_files(failure)
        again = error.may_pass and download.attempt < MOST_ATTEMPTS
        log.warning("voice.not_got", voice=download.name, reason=error.message, again=again)
        download.note(status=Status.WAITING if again else Status.FAILED, error=error.message)
        if not error.may_pass:
            shutil.rmtree(installed.workshop(download.name), ignore_errors=True)
        return False  # the sweeper tries again, after a pause
    shutil.rmtree(installed.workshop(download.name), ignore_errors=True)
    download.note(status=Status.DONE, bytes_done=download.bytes_total)
    log.info("voice.got", voice=download.name, bytes=download.bytes_total)
    on_progress()
    return False


def _leave(download: VoiceDownload) -> bool:
    """Leave a voice to whoever has it now; what nobody wants any more is thrown away."""
    if not VoiceDownload.objects.filter(pk=download.pk).exists():
        shutil.rmtree(installed.workshop(download.name), ignore_errors=True)
    return False


def _of_files(error: OSError) -> TransferFailed:
    return TransferFailed(f"Its files could not be kept: {error.strerror}.")


def stop(name: str) -> None:
    """Forget that a voice was asked for; whoever fetches it notices."""
    VoiceDownload.objects.filter(name=name).delete()
    shutil.rmtree(installed.workshop(name), ignore_errors=True)


def delete(engine: str, name: str) -> bool:
    """Delete a voice's files, so that nobody can choose it; its sounds stay. Raises OSError."""
    stop(name)
    removed = installed.remove(installed.files_of(engine, name))
    _sync(engine)
    return removed


class _NotOurs(Exception):
    """It was stopped, or another worker has taken it."""


class _Progress:
    """Writes down how far it is, now and then, and notices when nobody wants it any more."""

    def __init__(self, download: VoiceDownload, on_progress: Callable[[], None]) -> None:
        self._download, self._on_progress = download, on_progress
        self._before = 0  # bytes of the files that are whole
        self._told = 0.0

    def file_is_whole(self, file: File) -> None:
        self._before += file.size

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told < TOLD_SECONDS:
            return
        self._told = now
        if not self._download.note(bytes_done=self._before + done):
            raise _NotOurs
        self._on_progress()


def _fetch(download: VoiceDownload, progress: _Progress, *, until: float) -> None:
    folder = installed.workshop(download.name)
    source = source_of(download.engine)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TransferFailed(
            f"{folder.parent} cannot be written to: {error.strerror}.", may_pass=False
        ) from error
    _check_room(folder, download)
    for told in download.files:
        file = File(**told)
        path = folder / f"{file.name}.part"
        transfer.fetch(source, file.url, path, size=file.size, until=until, on_progress=progress)
        _check(path, file)
        progress.file_is_whole(file)
    if download.card_url:
        _fetch_card(download, folder)


def _check_room(folder: Path, download: VoiceDownload) -> None:
    lacking = download.bytes_total - sum(
        path.stat().st_size for path in folder.iterdir() if path.name.endswith(".part")
    )
    free = shutil.disk_usage(folder).free
    if free < lacking + ROOM_BYTES:
        raise TransferFailed(
            f"There is not enough room on the disk: {free / 1e6:.0f} MB are free, and "
            f"{(lacking + ROOM_BYTES) / 1e6:.0f} MB are needed. Make room and try again.",
            may_pass=False,
        )


def _check(path: Path, file: File) -> None:
    hashed = hashlib.new(file.algorithm, usedforsecurity=False)
    with path.open("rb") as opened:
        for piece in iter(lambda: opened.read(1 << 20), b""):
            hashed.update(piece)
    if hashed.hexdigest() != file.digest:
        path.unlink()
        raise TransferFailed(
            f"{file.name} is not what the catalogue says: its {file.algorithm.upper()} differs. It "
            "was thrown away.",
            may_pass=False,
        )


def _fetch_card(download: VoiceDownload, folder: Path) -> None:
    """Keep what is told of the voice and its licence beside it; it speaks without, too."""
    offer = Offer(download.name, download.engine, "", "", "", files=(), card_url=download.card_url)
    try:
        (folder / "card").write_text(card(offer), "utf-8")
    except (TransferFailed, OSError) as error:
        log.warning("voice.no_card", voice=download.name, reason=str(error))


def _place(download: VoiceDownload) -> None:
    """Put all files in place; the last one makes it a voice. Raises TransferFailed."""
    workshop, folder = installed.workshop(download.name), installed.folder_of(download.engine)
    if not download.note():
        raise _NotOurs
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (workshop / "card").exists():
            os.replace(workshop / "card", folder / f"{download.name}{installed.CARD}")
        for told in download.files:
            os.replace(workshop / f"{told['name']}.part", folder / told["name"])
    except OSError as error:
        raise TransferFailed(
            f"The voice cannot be put into {folder}: {error.strerror}.", may_pass=False
        ) from error
    if wrong := installed.what_is_wrong(download.engine, download.name):
        installed.remove(installed.files_of(download.engine, download.name))
        raise TransferFailed(f"The voice came whole, but cannot be used. {wrong}", may_pass=False)
    _sync(download.engine)


def _sync(engine: str) -> None:
    if engine == "piper":
        catalogue.sync_voice_files()
        return
    for model in SpeechModel.objects.filter(engine=engine):
        catalogue.sync_voices(model)
