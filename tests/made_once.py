"""What is alike for all processes of the tests and dear to make: made once, then copied.

A database with its migrations carried out, and the collected static files. They are kept in the
temporary folder under a hash of all that they are made from.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

KEPT = Path(tempfile.gettempdir()) / f"lectern-tests-kept-{os.getuid()}"


def static_files(target: Path | None = None) -> None:
    """Have the collected static files in STATIC_ROOT, and in another folder if one is named."""
    from config.management.commands.collectstatic import fingerprint

    root = Path(settings.STATIC_ROOT)
    with _alone() as kept:
        files = kept / f"static-{fingerprint()[:16]}"
        if not files.exists():
            call_command("collectstatic", interactive=False, verbosity=0)
            shutil.copytree(root, f"{files}.new", dirs_exist_ok=True)
            os.rename(f"{files}.new", files)
    for folder in {root, target or root}:
        shutil.copytree(files, folder, dirs_exist_ok=True)
    # The storage may have looked for its list of names before that.
    staticfiles_storage.hashed_files, _ = staticfiles_storage.load_manifest()


def database(migrate: Callable[[], object]) -> None:
    """Have a migrated database where the settings want it; ``migrate`` migrates it."""
    database = settings.DATABASES["default"]
    if "sqlite3" not in database["ENGINE"]:
        migrate()
        return
    with _alone() as kept:
        migrated = kept / f"database-{_migrations()[:16]}.sqlite3"
        if migrated.exists():
            shutil.copy(migrated, database["TEST"]["NAME"])
    migrate()
    with _alone():
        if not migrated.exists():
            copy_database(Path(database["TEST"]["NAME"]), migrated)


def copy_database(source: Path, target: Path) -> None:
    new = target.with_suffix(".new")
    new.unlink(missing_ok=True)
    with sqlite3.connect(source) as old, sqlite3.connect(new) as copied:
        old.backup(copied)
    os.rename(new, target)


def migrated_database(target: Path) -> None:
    """Put a migrated database there, if there is one by now."""
    kept = KEPT / f"database-{_migrations()[:16]}.sqlite3"
    if kept.exists():
        shutil.copy(kept, target)


def _migrations() -> str:
    found = sha256(django.get_version().encode())
    for path in sorted(settings.BASE_DIR.glob("*/migrations/*.py")):
        found.update(path.read_bytes())
    for path in sorted(settings.BASE_DIR.glob("*/models/*.py")):  # permissions are of the models
        found.update(path.read_bytes())
    return found.hexdigest()


@contextmanager
def _alone() -> Iterator[Path]:
    KEPT.mkdir(mode=0o700, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield KEPT
