"""Real documents that no one here wrote: Debian's packages, fetched when a test wants them."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

KEPT = Path(__file__).parent.parent.parent.parent / ".gate" / "material"


@cache
def package(name: str) -> Path:
    """Return the folder into which a package is unpacked (not installed)."""
    folder = KEPT / name
    if not (folder / "usr").exists():
        if not shutil.which("apt-get"):
            pytest.skip("There are no Debian packages here.")
        folder.mkdir(parents=True, exist_ok=True)
        download = ["apt-get", "download", "-q", name]
        if subprocess.run(download, cwd=folder, timeout=300).returncode:
            subprocess.run(["apt-get", "update", "-q"], check=True, timeout=300)
            subprocess.run(download, cwd=folder, check=True, timeout=300)
        (archive,) = folder.glob("*.deb")
        subprocess.run(["dpkg", "-x", archive.name, "."], cwd=folder, check=True, timeout=300)
        archive.unlink()
    return folder


def file(name: str, path: str) -> Path:
    """Return a file of a package."""
    found = package(name) / path
    assert found.exists(), f"{name} has no {path} any more"
    return found
