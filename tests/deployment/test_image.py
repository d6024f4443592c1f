"""The image's steps, run as a script in an empty folder by a user without rights."""

import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.browser.stack import free_port, wait_for

pytestmark = pytest.mark.deployment
ROOT = Path(__file__).parents[2]
HOME = "/srv/lectern"


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The folder that the image would have as /srv/lectern."""
    # Below /tmp itself: the folders of pytest are closed to other users.
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/image-XXXXXX"], text=True).strip())
    folder.chmod(0o755)
    for instruction, words in steps():
        if instruction == "COPY" and not words.startswith("--from"):
            *sources, target = words.split()
            for source in sources:
                copy(ROOT / source, folder / target)
        elif (instruction == "RUN" and words.startswith(".venv/")) or words.startswith("python -m"):
            command = words.replace("python", sys.executable, 1) if words[:2] == "py" else words
            subprocess.run(shlex.split(command), cwd=folder, check=True, timeout=540)
    yield folder
    shutil.rmtree(folder)


def steps():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if re.match(r"[A-Z]+ ", line)]


def copy(source: Path, target: Path) -> None:
    tracked = shutil.ignore_patterns("__pycache__")
    if source.is_dir():
        shutil.copytree(source, target, ignore=tracked)
    else:
        shutil.copy(source, target / source.name if target.is_dir() else target)


def test_it_runs_without_rights_and_writes_below_its_data_alone(image, tmp_path):
    data = Path(subprocess.check_output(["mktemp", "-d", "/tmp/data-XXXXXX"], text=True).strip())
    nobody = pwd.getpwnam("nobody")
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    port = free_port()
    before = set(image.rglob("*"))
    process = subprocess.Popen(
        [".venv/bin/python", "-m", "config.run"],
        cwd=image,
        env={
            "DATA_DIR": str(data),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "PATH": f"{image}/.venv/bin:/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/nonexistent",
        },
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(lambda: is_ready(port), 240, "the image's system is ready")
        alive = subprocess.run(
            [".venv/bin/python", "manage.py", "alive"],
            cwd=image,
            env={"DATA_DIR": str(data), "PATH": "/usr/bin:/bin"},
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert alive.returncode == 0, alive.stderr
        assert "web" in alive.stdout
    finally:
        process.terminate()
        said = process.communicate(timeout=60)[0]
        shutil.rmtree(data)
    assert "Lectern is ready" in said
    assert {path for path in image.rglob("*") if "__pycache__" not in path.parts} <= before


def is_ready(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open(f"http://127.0.0.1:{port}/readyz", timeout=5).status == 200
    except OSError:
        return False


def test_the_units_are_understood(image, tmp_path):
    units = tmp_path / "units"
    shutil.copytree(ROOT / "deploy/systemd", units)
    for unit in units.glob("*.service"):
        unit.write_text(unit.read_text().replace(HOME, str(image)))
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units.iterdir())], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
