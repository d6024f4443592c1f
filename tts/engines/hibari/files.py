"""hibari's voices, as its registry tells them, and where their files are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

DEFAULT = "heart"


@dataclass(frozen=True, slots=True)
class Known:
    """A voice as hibari's registry tells it."""

    name: str
    language: str
    file: str
    bundled: bool
    british: bool
    sha256: str
    bytes: int


@cache
def registry() -> dict[str, Known]:
    """Return all voices that there are, by name, whether their files are here or not."""
    listed = json.loads((assets() / "voices.json").read_text(encoding="utf-8"))
    return {
        name: Known(
            name,
            voice["language"],
            voice["file"],
            bool(voice.get("bundled")),
            bool(voice["british"]),
            voice["sha256"],
            voice["bytes"],
        )
        for name, voice in listed.items()
    }


def folder() -> Path:
    """Return where the files of further voices are."""
    return Path(settings.DATA_DIR) / "voices" / "hibari"


def path_of(voice: Known) -> Path:
    return (assets() if voice.bundled else folder()) / voice.file


def assets() -> Path:
    """Return the folder of the package's own files; the package itself is not loaded for that."""
    spec = find_spec("hibari")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "assets"
