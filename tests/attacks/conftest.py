"""A real web process, which an attacker reaches over TCP and nothing else."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.run.parent import die_with_parent
from tts import belonging

HEAD = "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"


class Web:
    """The web process, and raw requests to it."""

    def __init__(self, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "daphne", "-p", str(self.port), "config.asgi:application"],
            env={**os.environ, "LOG_LEVEL": "WARNING", **environment},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.ask("GET", "/healthz")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("The web process did not start.")

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), 20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        """Return the status of an answer, and all of it."""
        headers = {"Connection": "close", "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name.replace('_', '-')}: {headers[name]}\r\n" for name in headers)
        with self.connect() as connection:
            head = HEAD.format(method=method, path=path, headers=lines)
            connection.sendall(head.encode("latin-1") + body)
            return answer(connection)

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


def answer(connection: socket.socket) -> tuple[int, str]:
    """Read until the end; return the status and all that came."""
    came = b""
    try:
        while piece := connection.recv(65536):
            came += piece
    except ConnectionResetError:
        pass
    found = re.match(rb"HTTP/1\.[01] (\d{3})", came)
    return int(found[1]) if found else 0, came.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def web(django_db_setup, django_db_blocker) -> Iterator[Web]:
    with django_db_blocker.unblock():
        # Other tests have emptied the database; the storage and Redis still know the former one.
        belonging.claim()
    web = Web()
    yield web
    web.stop()
