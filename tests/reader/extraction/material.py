"""Real documents that no one here wrote: Debian's packages, fetched when a test wants them."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

KEPT = Path(__file__).parent.parent.parent.parent / ".gate" / "material"


@cache
def package(name: str) -> Path:
    """Return the folder into which a package is unpacked (not installed)."""
    folder = KEPT / name
    with one_at_a_time():
        if not (folder / "usr").exists():
            fetch(name, folder)
    return folder


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep out the other processes of the tests, which may want the same."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(name: str, folder: Path) -> None:
    if not shutil.which("apt-get"):
        pytest.skip("There are no Debian packages here.")
    folder.mkdir(exist_ok=True)
    download = ["apt-get", "download", "-q", name]
    if subprocess.run(download, cwd=folder, timeout=300).returncode:
        subprocess.run(["apt-get", "update", "-q"], check=True, timeout=300)
        subprocess.run(download, cwd=folder, check=True, timeout=300)
    (archive,) = folder.glob("*.deb")
    subprocess.run(["dpkg", "-x", archive.name, "."], cwd=folder, check=True, timeout=300)
    archive.unlink()


def file(name: str, path: str) -> Path:
    """Return a file of a package."""
    found = package(name) / path
    assert found.exists(), f"{name} has no {path} any more"
    return found
