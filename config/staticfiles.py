"""Static files: few and small, with hashed names, compressed, for ever cacheable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import rcssmin
import rjsmin
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from .bundle import bundle, bundle_later, later_name

MINIFY = {"js": rjsmin.jsmin, "css": rcssmin.cssmin}
SOURCES = settings.BASE_DIR / "static"
# The scripts that pages load, and the worker that they share; each brings its modules along.
PAGES = (
    "page",
    "stage",
    "shared_line",
    "exports",
    "library",
    "queue",
    "new_document",
    "settings",
    "kept_page",
    "nobody",
    "passkeys",
    "get_voices",
)
ENTRIES = {f"js/{name}.js" for name in PAGES}


@lru_cache(maxsize=1)
def _scripts(changed_at: float) -> dict[str, str]:
    """Return the scripts of the pages by name, as of when a module was changed last."""
    scripts = {}
    for entry in sorted(ENTRIES):
        scripts[entry] = bundle(SOURCES / entry)
        if later := bundle_later(SOURCES / entry):
            scripts[later_name(entry)] = later
    return scripts


def _changed_at() -> float:
    return max(module.stat().st_mtime for module in (SOURCES / "js").rglob("*.js"))


class Scripts(Storage):
    """The scripts of the pages, made of their modules when they are read."""

    prefix = ""

    def path(self, name: str) -> str:
        return str(SOURCES / name)

    def get_modified_time(self, name: str) -> datetime:
        return datetime.fromtimestamp(_changed_at(), UTC)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(_scripts(_changed_at())[name].encode(), name)


class ScriptsFinder(BaseFinder):
    """Has scripts collected in place of the modules of the same names.

    It finds none by name: where pages are served from the sources, as with DEBUG, a browser runs
    the modules themselves.
    """

    def find(self, *args: Any, **options: Any) -> Any:
        return []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name in _scripts(_changed_at()):
            if not matches_patterns(name, ignore_patterns or []):
                yield name, Scripts()


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Take the comments and spaces out of our own files, and name each by what is in it."""

    support_js_module_import_aggregation = True
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        # How a script names the one with what it needs later: see bundle.py.
        ("*.js", ((r'(?P<matched>\$script\("(?P<url>\./[^"]+)"\))', '$script("%(url)s")'),)),
    )

    def _save(self, name: str, content: IO[Any]) -> str:
        folder = Path(name).parts[0]
        if folder in MINIFY:
            content.seek(0)
            content = ContentFile(MINIFY[folder](content.read().decode()).encode())
        return str(super()._save(name, content))
