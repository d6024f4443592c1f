"""Fetch files from a catalogue of voices, or a mirror of one: streamed, bounded, begun again.

Every address of a name is checked, and the connection goes to the one that was checked. After a
redirect all begins anew. Addresses that are not public are reached only through a mirror that is
itself not public: whoever runs this has named it.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from tts.outbound import is_public

CONNECT_SECONDS = 4.0
SILENT_SECONDS = 15.0
MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
READ_BYTES = 64 * 1024
# Less than so much in so long is too slow to go on with.
PACE_SECONDS, PACE_BYTES = 15.0, 64 * 1024
# A server that cannot go on where it was gets so much longer: it has to send all at once.
AT_ONCE_SECONDS = 240.0
HEADERS = {"User-Agent": "Lectern", "Accept": "*/*", "Accept-Encoding": "identity"}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

OFFLINE = "There is no connection to {host}."


class TransferFailed(Exception):
    """It did not come, in words for a person. ``may_pass``: another try may succeed."""

    def __init__(self, message: str, *, may_pass: bool = True) -> None:
        super().__init__(message)
        self.message, self.may_pass = message, may_pass


class Interrupted(Exception):
    """The time for this piece of work is over; what came is kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where files come from: the address that they begin with, and whether that is one's own."""

    base: str
    is_own: bool = False  # named in the settings, rather than by a package

    @property
    def host(self) -> str:
        return urlsplit(self.base).hostname or self.base

    def url(self, path: str) -> str:
        return urljoin(self.base if self.base.endswith("/") else f"{self.base}/", path)


def read(source: Source, url: str, *, most_bytes: int, seconds: float) -> bytes:
    """Return what is at an address, within a time. Raises TransferFailed."""
    deadline = time.monotonic() + seconds
    taken = bytearray()
    with _answer(source, url, deadline) as answer:
        for piece in _pieces(answer, deadline):
            taken += piece
            if len(taken) > most_bytes:
                raise TransferFailed("What came is larger than it can be.", may_pass=False)
    return bytes(taken)


def is_there(source: Source, url: str, *, seconds: float) -> bool:
    """Tell whether there is a file at an address."""
    try:
        with _answer(source, url, time.monotonic() + seconds, method="HEAD"):
            return True
    except TransferFailed:
        return False


def fetch(
    source: Source,
    url: str,
    to: Path,
    *,
    size: int,
    until: float,
    on_progress: Callable[[int], None],
) -> None:
    """Fetch a file of a known size, from where it was broken off before.

    Raises TransferFailed; Interrupted when it is not done at ``until`` (by the monotonic clock).
    """
    start = to.stat().st_size if to.exists() else 0
    if start > size:
        to.unlink()
        start = 0
    if start == size:
        return
    with _answer(source, url, until, start=start) as answer:
        if start and answer.status != http.client.PARTIAL_CONTENT:
            start, until = 0, until + AT_ONCE_SECONDS
        _append(answer, to, start, size, until, on_progress)


def _append(
    answer: http.client.HTTPResponse,
    to: Path,
    start: int,
    size: int,
    until: float,
    on_progress: Callable[[int], None],
) -> None:
    done, began, before = start, time.monotonic(), start
    try:
        with to.open("r+b" if start else "wb") as file:
            file.seek(start)
            for piece in _pieces(answer, None):
                done += len(piece)
                if done > size:
                    raise TransferFailed(
                        "What came is larger than the catalogue says.", may_pass=False
                    )
                file.write(piece)
                on_progress(done)
                now = time.monotonic()
                if now > until:
                    raise Interrupted
                if now - began > PACE_SECONDS:
                    if done - before < PACE_BYTES:
                        raise TransferFailed("It comes too slowly. Try again later.")
                    began, before = now, done
    except OSError as error:
        raise _of_disk(error, size) from error
    if done < size:
        raise TransferFailed("The connection broke off before all had come.")


def _of_disk(error: OSError, size: int) -> TransferFailed:
    if error.errno in FULL:
        return TransferFailed(
            f"There is not enough room on the disk for {size / 1e6:.0f} MB. Make room and try "
            "again.",
            may_pass=False,
        )
    return TransferFailed(f"The file cannot be written: {error.strerror}.", may_pass=False)


@contextmanager
def _answer(
    source: Source, url: str, deadline: float, *, start: int = 0, method: str = "GET"
) -> Iterator[http.client.HTTPResponse]:
    """Yield the answer behind all redirects. Raises TransferFailed."""
    may_be_private = source.is_own and not _is_public_host(source.base)
    headers = HEADERS | ({"Range": f"bytes={start}-"} if start else {})
    for _ in range(MAX_REDIRECTS + 1):
        parts = _checked(url)
        connection = _connect(parts, deadline, may_be_private=may_be_private)
        try:
            target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            connection.request(method, target, headers=headers)
            answer = connection.getresponse()
            if answer.status in REDIRECTS and (location := answer.headers.get("Location")):
                following = urljoin(url, location.strip())
                if parts.scheme == "https" and urlsplit(following).scheme != "https":
                    raise TransferFailed(f"{parts.hostname} sends to an address without TLS.")
                url = following
                continue
            _refuse_errors(answer, parts, start)
            yield answer
            return
        except TimeoutError as error:
            raise TransferFailed(f"{parts.hostname} takes too long to answer.") from error
        except (OSError, http.client.HTTPException) as error:
            raise TransferFailed(f"{parts.hostname} broke the connection off.") from error
        finally:
            connection.close()
    raise TransferFailed(f"{source.host} sends from one address to the next without end.")


def _refuse_errors(answer: http.client.HTTPResponse, parts: SplitResult, start: int) -> None:
    status = answer.status
    if status in (404, 410):
        raise TransferFailed(
            f"{parts.hostname} does not have {parts.path.rpartition('/')[2]}.", may_pass=False
        )
    if status not in (200, 206) or (status == 206 and not start):
        may_pass = status == 429 or status >= 500
        raise TransferFailed(f"{parts.hostname} answered with {status}.", may_pass=may_pass)
    if start and status == 206 and not _begins_at(answer, start):
        raise TransferFailed(f"{parts.hostname} sent another part than was asked for.")


def _begins_at(answer: http.client.HTTPResponse, start: int) -> bool:
    return answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _pieces(answer: http.client.HTTPResponse, deadline: float | None) -> Iterator[bytes]:
    while True:
        if deadline is not None and time.monotonic() > deadline:
            raise TransferFailed("It takes too long. Try again later.")
        try:
            piece = answer.read1(READ_BYTES)
        except TimeoutError as error:
            raise TransferFailed("Nothing comes any more. Try again later.") from error
        except (OSError, http.client.HTTPException) as error:
            raise TransferFailed("The connection broke off before all had come.") from error
        if not piece:
            break
        yield piece
    if answer.length:  # less came than was announced
        raise TransferFailed("The connection broke off before all had come.")


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise TransferFailed(f"{url} is no address.", may_pass=False) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise TransferFailed(f"{url} is no address.", may_pass=False)
    return parts


def _places(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TransferFailed(OFFLINE.format(host=host)) from error
    return [(family, place) for family, _, _, _, place in found]


def _is_public_host(base: str) -> bool:
    parts = _checked(base)
    return all(is_public(str(place[0])) for _, place in _places(str(parts.hostname), 0))


def _connect(
    parts: SplitResult, deadline: float, *, may_be_private: bool
) -> http.client.HTTPConnection:
    host, is_tls = str(parts.hostname), parts.scheme == "https"
    places = _places(host, parts.port or (443 if is_tls else 80))
    if not may_be_private and not all(is_public(str(place[0])) for _, place in places):
        raise TransferFailed(
            f"{host} is not on the public internet, so nothing is fetched from there.",
            may_pass=False,
        )
    failure: Exception | None = None
    for family, place in places[:3]:
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.settimeout(max(0.1, min(CONNECT_SECONDS, deadline - time.monotonic())))
            opened.connect(place)  # to what was checked, not to the name
            if is_tls:
                context = ssl.create_default_context()
                opened = context.wrap_socket(opened, server_hostname=host)
            opened.settimeout(max(0.1, min(SILENT_SECONDS, deadline - time.monotonic())))
        except ssl.SSLError as error:
            opened.close()
            raise TransferFailed(f"The certificate of {host} is not valid.") from error
        except OSError as error:
            opened.close()
            failure = error
        else:
            connection = http.client.HTTPConnection(host, parts.port)
            connection.sock = opened
            return connection
    raise TransferFailed(OFFLINE.format(host=host)) from failure
