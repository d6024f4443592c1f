"""What is stored of exports: their files, and the pieces of those under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from struct import Struct
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from tts import storage

from ..models import Export

FOLDER = "exports"
HASH = 40
_LENGTH = Struct(">I")


class _Made(File):  # type: ignore[type-arg]
    """A file on this machine that a storage may take over instead of copying it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def store(export: Export, path: Path, extension: str) -> str:
    """Keep a finished file and return its name. Raises OSError; nothing is left then."""
    name = f"{FOLDER}/{export.uuid.hex}-{export.turn}.{extension}"
    try:
        with _Made(path) as made:
            return default_storage.save(name, made)
    except BaseException:
        storage.discard(name)
        raise


def has_piece(export: Export, key: str) -> bool:
    return default_storage.exists(_piece(export, key))


def store_piece(export: Export, key: str, packets: Iterable[bytes]) -> None:
    """Keep the packets of a piece. Raises OSError; nothing is left of it then."""
    content = b"".join(_LENGTH.pack(len(packet)) + packet for packet in packets)
    name = _piece(export, key)
    try:
        default_storage.save(name, ContentFile(content))
    except BaseException:
        storage.discard(name)
        raise


def read_piece(export: Export, key: str) -> Sequence[bytes]:
    with default_storage.open(_piece(export, key)) as file:
        content = memoryview(file.read())
    packets, at = [], 0
    while at < len(content):
        (length,) = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size
        packets.append(bytes(content[at : at + length]))
        at += length
    return packets


def store_transcript(export: Export, text: str) -> str:
    """Keep what is said and when, and return the file's name. Raises StorageError."""
    return storage.keep(f"{FOLDER}/{export.uuid.hex}-{export.turn}.words.vtt", text.encode())


def discard(export_hex: str, *, but: Sequence[str] = ()) -> None:
    """Delete whatever is stored of an export, except for some files."""
    for name in _names():
        path = f"{FOLDER}/{name}"
        if name.startswith(export_hex) and path not in but:
            storage.discard(path)


def known(names: Sequence[str]) -> list[str]:
    """Return which of these files belong to an export."""
    stored = set(Export.objects.filter(file__in=names).values_list("file", flat=True))
    stored |= set(Export.objects.filter(transcript__in=names).values_list("transcript", flat=True))
    making = {each.hex for each in Export.objects.under_way().values_list("uuid", flat=True)}
    return [name for name in names if name in stored or _export_of(name) in making]


def _export_of(name: str) -> str:
    return name.removeprefix(f"{FOLDER}/").partition("-")[0]


def _piece(export: Export, key: str) -> str:
    return f"{FOLDER}/{export.uuid.hex}-{key}.piece"


def _names() -> list[str]:
    try:
        return default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return []


@receiver(post_delete, sender=Export)
def _deleted(instance: Export, **_: Any) -> None:
    """Take its files with it, whatever it was deleted with: a document, or a whole account."""
    transaction.on_commit(partial(discard, instance.uuid.hex), robust=True)
