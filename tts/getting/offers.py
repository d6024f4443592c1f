"""What catalogues offer: voices, and the files that each is made of."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,79}")
DIGESTS = {"md5": 32, "sha256": 64}
LARGEST_FILE = 2_000_000_000


@dataclass(frozen=True, slots=True)
class File:
    """A file to be fetched: under which name it is kept, and what it has to be."""

    name: str
    url: str
    size: int
    algorithm: str  # "md5" or "sha256"
    digest: str

    def __post_init__(self) -> None:
        """Refuse what no catalogue should say: the name becomes one in a folder of ours."""
        if not NAME.fullmatch(self.name) or not 0 < self.size <= LARGEST_FILE:
            raise ValueError(f"{self.name!r} is no file that can be had.")
        if DIGESTS.get(self.algorithm) != len(self.digest) or not self.digest.isalnum():
            raise ValueError(f"{self.name!r} has no digest by which it could be checked.")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Offer:
    """A voice that can be had. The last of its files is what makes it one: it is placed last."""

    name: str
    engine: str
    title: str
    language: str  # BCP 47
    language_name: str  # in English
    files: tuple[File, ...]
    quality: str = ""
    licence: str = ""
    speakers: int = 1
    card_url: str = ""
    sample_url: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)
