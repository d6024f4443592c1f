"""All of an installation in one file: rows, files, keys. It fits either kind of database.

The rows are those of one moment, though others write on. A file is stored before the row that names
it, so each is there.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import connection, models, transaction

from reader.finding import passages
from reader.models import Block

VERSION = 1
# Made by the installation itself, or of no use in another: sessions, and the list of them, which
# has their keys.
LEFT_OUT = {
    "contenttypes.contenttype", "auth.permission", "sessions.session", "usersessions.usersession",
}  # fmt: skip
MANIFEST, KEYS, ROWS, FILES = "manifest.json", "keys.json", "rows", "files"
READ_AT_ONCE = 500


class BadBackup(Exception):
    """The file is no backup that can be used; the message says why."""


def backup(path: Path) -> tuple[int, int]:
    """Write everything to a file that is only its owner's; return how many rows and files."""
    rows = files = 0
    part = path.with_name(f"{path.name}.part")
    try:
        with (
            open(part, "xb", opener=_private) as raw,
            tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive,
            _snapshot(),
        ):
            _add(archive, MANIFEST, {"version": VERSION, "tables": _migrations()})
            keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
            _add(archive, KEYS, {"secret_keys": keys})
            for model in _models():
                rows += _add_rows(archive, model)
            for name in _names():
                files += _add_file(archive, name)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return rows, files


def restore(path: Path) -> tuple[int, int]:
    """Bring everything back into an empty database and storage. Raises BadBackup."""
    rows = files = 0
    with tarfile.open(path, mode="r:*") as archive, transaction.atomic():
        manifest = _manifest(archive)
        _check(manifest)
        with connection.constraint_checks_disabled():
            for member in archive:
                folder, _, name = member.name.partition("/")
                content = archive.extractfile(member)
                if content is None:
                    continue
                if folder == ROWS:
                    rows += _load(content)
                elif folder == FILES:
                    if not default_storage.exists(name):
                        default_storage.save(name, File(content))
                    files += 1
                elif member.name == KEYS:
                    _take_keys(json.load(content)["secret_keys"])
        connection.check_constraints()
        statements = connection.ops.sequence_reset_sql(no_style(), list(_models()))
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        passages.fill(Block.objects.all())  # the index of words is made of them
    return rows, files


@contextmanager
def _snapshot() -> Iterator[None]:
    """Have this connection see the database as it is now, and keep nobody from writing."""
    sqlite = connection.vendor == "sqlite"
    mode = getattr(connection, "transaction_mode", None)
    try:
        if sqlite:
            _set_mode(None)  # one that only reads need not lock
        with transaction.atomic(), connection.cursor() as cursor:
            if sqlite:
                cursor.execute("SELECT count(*) FROM django_migrations")  # what is seen is seen now
            else:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    finally:
        if sqlite:
            _set_mode(mode)


def _set_mode(mode: str | None) -> None:
    own: Any = connection  # SQLite's alone has it
    own.transaction_mode = mode


def _models() -> Iterator[type[models.Model]]:
    """Yield what is kept; what others refer to comes first."""
    every = [
        (config, [each for each in config.get_models() if each._meta.label_lower not in LEFT_OUT])
        for config in apps.get_app_configs()
    ]
    yield from serializers.sort_dependencies(every, allow_cycles=True)


def _add_rows(archive: tarfile.TarFile, model: type[models.Model]) -> int:
    rows = model._base_manager.order_by("pk")
    with tempfile.TemporaryFile(mode="w+", dir=settings.DATA_DIR) as text:
        serializers.serialize(
            "jsonl",
            rows.iterator(chunk_size=READ_AT_ONCE),
            stream=text,
            use_natural_foreign_keys=True,
        )
        text.flush()
        _add_stream(archive, f"{ROWS}/{model._meta.label_lower}.jsonl", text.buffer)
    return rows.count()


def _names() -> Iterator[str]:
    """Yield every file that a row names."""
    for model in _models():
        for field in model._meta.fields:
            if isinstance(field, models.FileField):
                names = model._base_manager.exclude(**{field.name: ""})
                yield from names.values_list(field.name, flat=True).iterator()


def _add_file(archive: tarfile.TarFile, name: str) -> int:
    try:
        with default_storage.open(name) as file:
            _add_stream(archive, f"{FILES}/{name}", file)
    except FileNotFoundError:  # deleted meanwhile; a sound that is missed is made anew
        return 0
    return 1


def _add_stream(archive: tarfile.TarFile, name: str, stream: Any) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = stream.seek(0, os.SEEK_END), 0o600
    stream.seek(0)
    archive.addfile(member, stream)


def _add(archive: tarfile.TarFile, name: str, content: object) -> None:
    _add_stream(archive, name, io.BytesIO(json.dumps(content).encode()))


def _migrations() -> list[list[str]]:
    """Return which tables and columns there are: by the changes that made them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return [[str(app), str(name)] for app, name in cursor.fetchall()]


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    member = archive.next()
    content = archive.extractfile(member) if member and member.name == MANIFEST else None
    if content is None:
        raise BadBackup("This is no backup of Lectern.")
    manifest: dict[str, Any] = json.load(content)
    return manifest


def _check(manifest: dict[str, Any]) -> None:
    if manifest.get("version") != VERSION:
        raise BadBackup("This backup was made by another version of Lectern that wrote it anew.")
    if manifest["tables"] != _migrations():
        raise BadBackup(
            "This backup was made by another version of Lectern, with other tables. Restore it "
            "with that version, and bring it up to date then."
        )


def _load(lines: Iterable[bytes]) -> int:
    count = 0
    for line in lines:
        for row in serializers.deserialize("jsonl", line.decode()):
            row.save(force_insert=True)
            count += 1
    return count


def _take_keys(keys: list[str]) -> None:
    """Go on with the key under which the backup was made, or say that it has to be named."""
    if keys[0] in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        return
    kept = settings.DATA_DIR / "secret_key"
    if not kept.exists() or kept.read_text().strip() != settings.SECRET_KEY:
        raise BadBackup(
            "This backup was made with another SECRET_KEY. Start with that one, or name it in "
            "SECRET_KEY_FALLBACKS; it stands in the backup, in keys.json."
        )
    kept.write_text(keys[0])
    settings.SECRET_KEY = keys[0]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
