"""The image's steps, run as a script in an empty folder by a user without rights."""

import os
import pwd
import re
import shlex
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.browser.stack import free_port, wait_for

pytestmark = pytest.mark.deployment
ROOT = Path(__file__).parents[2]
HOME = "/srv/lectern"
PATH = "/usr/local/bin:/usr/bin:/bin"
NOBODY = pwd.getpwnam("nobody")
WITHOUT_RIGHTS = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}
UMASK = 0o022  # of who makes an image; the settings of Lectern have made that of this test stricter
# What only the maker of an image may do: it makes the user and the folder of the data.
OF_ROOT = ("useradd ", "install --directory ")


@pytest.fixture(scope="module")
def image():
    """The folder that the image would have as /srv/lectern, made by its steps."""
    # Below /tmp itself: the folders of pytest are closed to other users.
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/image-XXXXXX"], text=True).strip())
    folder.chmod(0o755)
    hand_over(folder, "nobody")
    for instruction, words in steps():
        if instruction == "COPY" and not words.startswith("--from"):
            *sources, target = words.split()
            for source in sources:
                copy(ROOT / source, folder / target)
            hand_over(folder, "nobody")
        elif instruction == "RUN" and not words.startswith(OF_ROOT):
            command = re.sub(r"^python ", f"{python_of_everybody()} ", words)
            subprocess.run(
                shlex.split(command),
                cwd=folder,
                env=pip_of_this_machine(folder),
                check=True,
                timeout=540,
                umask=UMASK,
                **WITHOUT_RIGHTS,
            )
    hand_over(folder, "root")  # from here on it is read-only, to all but root
    yield folder
    shutil.rmtree(folder)
    folder.with_suffix(".pip.conf").unlink(missing_ok=True)


def hand_over(folder: Path, owner: str) -> None:
    subprocess.run(["chown", "--recursive", owner, str(folder)], check=True)


def python_of_everybody() -> str:
    """Return a Python that a user without rights may run: that of this test may be root's own."""
    found = shutil.which("python3.11", path=PATH)
    assert found, f"There is no python3.11 in {PATH}; on Debian: apt-get install python3-venv"
    return found


def pip_of_this_machine(folder: Path) -> dict[str, str]:
    """Return an environment in which pip installs from where it does on this machine."""
    own = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    own |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    configured = Path("~/.config/pip/pip.conf").expanduser()
    if configured.exists():
        copied = Path(shutil.copy(configured, folder.with_suffix(".pip.conf")))
        copied.chmod(0o644)
        own["PIP_CONFIG_FILE"] = str(copied)
    return {"PATH": PATH, "HOME": "/nonexistent", **own}


def test_every_step_of_the_image_is_run_here():
    """What is not run here needs a container, and is named."""
    others = {instruction for instruction, _ in steps()} - {"RUN", "COPY"}
    assert others == {
        *("FROM", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE"),
        *("STOPSIGNAL", "HEALTHCHECK", "CMD"),
    }
    left_out = [words for name, words in steps() if name == "RUN" and words.startswith(OF_ROOT)]
    assert [words.split()[0] for words in left_out] == ["useradd", "install"]
    copied = [words for name, words in steps() if name == "COPY" and words.startswith("--from")]
    assert copied == ["--from=build /srv/lectern/.venv ./.venv"]


def test_the_start_is_the_one_of_the_image():
    """test_it_runs_… starts what CMD does, in the environment that ENV gives."""
    found = dict(steps())
    assert found["CMD"] == '["python", "-m", "config.run"]'
    assert found["HEALTHCHECK"].endswith('CMD ["python", "manage.py", "alive"]')
    given = dict(word.split("=", 1) for word in found["ENV"].split())
    assert given.keys() == {"DATA_DIR", "HOST", "PYTHONDONTWRITEBYTECODE", "PATH"}
    assert given["PYTHONDONTWRITEBYTECODE"] == "1"


def steps():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if re.match(r"[A-Z]+ ", line)]


def copy(source: Path, target: Path) -> None:
    tracked = shutil.ignore_patterns("__pycache__")
    if source.is_dir():
        shutil.copytree(source, target, ignore=tracked)
    else:
        shutil.copy(source, target / source.name if target.is_dir() else target)


def test_it_runs_without_rights_and_writes_below_its_data_alone(image):
    data = Path(subprocess.check_output(["mktemp", "-d", "/tmp/data-XXXXXX"], text=True).strip())
    os.chown(data, NOBODY.pw_uid, NOBODY.pw_gid)
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
        **WITHOUT_RIGHTS,
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
            **WITHOUT_RIGHTS,
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
    assert set(image.rglob("*")) == before


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
