"""Collect the static files, unless these very ones were collected already.

To put them together, hash and compress them takes many seconds of every start.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic

from config import bundle, staticfiles

# In STATIC_ROOT: what its files were made from.
STAMP = "collected-from"
MADE_BY = ("django", "whitenoise", "rcssmin", "rjsmin", "brotli")


class Command(collectstatic.Command):
    def handle(self, **options: Any) -> str | None:
        stamp, sources = Path(settings.STATIC_ROOT) / STAMP, fingerprint()
        if stamp.exists() and stamp.read_text() == sources and not options["clear"]:
            return "The static files are as they were collected." if options["verbosity"] else None
        stamp.unlink(missing_ok=True)
        result = super().handle(**options)
        if not options["dry_run"]:
            stamp.write_text(sources)
        return result


def fingerprint() -> str:
    """Return a hash of all that the collected files are made from."""
    found = sha256()
    for package in MADE_BY:
        found.update(f"{package} {version(package)}\n".encode())
    for module in (bundle, staticfiles):
        found.update(Path(str(module.__file__)).read_bytes())
    for finder in get_finders():
        if isinstance(finder, staticfiles.ScriptsFinder):
            continue  # it makes its scripts from the files of the others
        for name, storage in finder.list([]):
            found.update(f"{name}\n".encode())
            found.update(Path(storage.path(name)).read_bytes())
    return found.hexdigest()
