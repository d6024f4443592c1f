"""Fetch a web page that a person names, and nothing that they should not reach through us.

Every address of a name is checked, and the connection goes to the one that was checked: a name
whose address changes in between gains nothing. After a redirect all begins anew.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from tts.outbound import is_public

from ..extraction import ExtractionError

MAX_REDIRECTS = 5
TOTAL_SECONDS = 45.0
CONNECT_SECONDS = 10.0
SILENT_SECONDS = 15.0
READ_BYTES = 64 * 1024
MAX_RATIO = 100
REDIRECTS = {301, 302, 303, 307, 308}
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Lectern; reads pages aloud)",
    "Accept": "text/html,application/xhtml+xml,application/pdf,application/epub+zip,text/*;q=0.8,"
    "*/*;q=0.5",
    "Accept-Encoding": "gzip, identity",
    "Accept-Language": "*",
    "Connection": "close",
}
FORBIDDEN = "This address is not on the public web, so it is not fetched from here."
NOT_WEB = "Enter the address of a web page: it begins with http:// or https://."
TOO_SLOW = "The site takes too long to answer. Try again later."
TOO_MANY = "The site sends from one address to the next without end."


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found: where, after all redirects, and as what."""

    address: str
    data: bytes
    content_type: str
    charset: str


def fetch(address: str, *, most_bytes: int, may_be_private: bool = False) -> Fetched:
    """Fetch a page. Raises ExtractionError, in words for a person."""
    with Deadline(TOTAL_SECONDS) as deadline:
        return _fetch(address, deadline, most_bytes, may_be_private=may_be_private)


class Deadline:
    """One deadline over all of a fetch: look-up of the name, connections, headers, body, redirects.

    A site that drips keeps each single wait short. So when the time is over, the connection is cut
    whatever it is at.
    """

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self.guard(None)

    @property
    def left(self) -> float:
        return max(0.0, self._ends_at - time.monotonic())

    def guard(self, opened: socket.socket | None) -> None:
        """Have this connection cut when the time is over, and no other any more."""
        with self._lock:
            self._socket = opened
        if not self.left:
            self._cut()

    def _cut(self) -> None:
        with self._lock, suppress(OSError):
            if self._socket is not None:
                # The plain one's: an encrypted one would say farewell first.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _fetch(address: str, deadline: Deadline, most_bytes: int, *, may_be_private: bool) -> Fetched:
    for _ in range(MAX_REDIRECTS + 1):
        connection = connect(address, deadline, may_be_private=may_be_private)
        try:
            target = target_of(address)
            connection.request("GET", target, headers=HEADERS)
            answer = connection.getresponse()
            if answer.status in REDIRECTS and (location := answer.headers.get("Location")):
                address = urljoin(address, location.strip())
                continue
            return _taken(address, answer, deadline, most_bytes)
        except TimeoutError as error:
            raise ExtractionError(TOO_SLOW) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if not deadline.left:
                raise ExtractionError(TOO_SLOW) from error
            raise ExtractionError("The site broke the connection off. Try again later.") from error
        finally:
            deadline.guard(None)
            connection.close()
    raise ExtractionError(TOO_MANY)


def checked(address: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address that may be fetched. Raises ExtractionError."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise ExtractionError(NOT_WEB) from error
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        raise ExtractionError(NOT_WEB)
    if parts.username or parts.password:
        raise ExtractionError("Leave out the name and the password: they are not sent from here.")
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError as error:
        raise ExtractionError(NOT_WEB) from error
    return parts.scheme, host, port


def _looked_up(host: str, port: int, deadline: Deadline) -> list[Any]:
    """Return the addresses of a name. The system's look-up knows no deadline: it is left alone."""
    found: list[list[Any]] = []
    failure: list[Exception] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failure.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(min(CONNECT_SECONDS, deadline.left))
    if failure:
        raise ExtractionError(f"There is no site named {host}. Is the address right?") from failure[
            0
        ]
    if not found:
        raise ExtractionError(TOO_SLOW)
    return found[0]


def connect(
    address: str, deadline: Deadline, *, may_be_private: bool
) -> http.client.HTTPConnection:
    """Open a connection to an address that may be reached. Raises ExtractionError."""
    scheme, host, port = checked(address)
    places = _looked_up(host, port, deadline)
    if not may_be_private and not all(is_public(str(place[4][0])) for place in places):
        raise ExtractionError(FORBIDDEN)
    failure: OSError | None = None
    for family, kind, protocol, _, place in places[:4]:
        patience = min(CONNECT_SECONDS, deadline.left)
        if patience <= 0:
            raise ExtractionError(TOO_SLOW)
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(patience)
            deadline.guard(opened)
            opened.connect(place)  # to what was checked, not to the name
            connection = http.client.HTTPConnection(host, port, timeout=SILENT_SECONDS)
            if scheme == "https":
                context = ssl.create_default_context()
                opened = context.wrap_socket(
                    opened, server_hostname=host, do_handshake_on_connect=False
                )
                deadline.guard(opened)
                opened.do_handshake()
            opened.settimeout(min(SILENT_SECONDS, max(0.1, deadline.left)))
            connection.sock = opened
        except ssl.SSLError as error:
            opened.close()
            if not deadline.left:
                raise ExtractionError(TOO_SLOW) from error
            raise ExtractionError(
                "The site's certificate is not valid, so it is not trusted."
            ) from error
        except OSError as error:
            opened.close()
            failure = error if deadline.left else TimeoutError()
        else:
            return connection
    if isinstance(failure, TimeoutError):
        raise ExtractionError(TOO_SLOW) from failure
    raise ExtractionError("The site does not answer. Try again later.") from failure


def target_of(address: str) -> str:
    """Return what is asked for at the site that an address names."""
    parts = urlsplit(address)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{target}?{quote(parts.query, safe='%:@!$&()*+,;=~-._/?')}" if parts.query else target


def _taken(
    address: str, answer: http.client.HTTPResponse, deadline: Deadline, most_bytes: int
) -> Fetched:
    if answer.status in {401, 403}:
        raise ExtractionError(
            "The site shows this page only to those who sign in there, or to no program. Save the "
            "page in the browser, and bring in the file."
        )
    if answer.status in {404, 410}:
        raise ExtractionError("There is no page at this address.")
    if answer.status != 200:
        raise ExtractionError(f"The site answered with an error ({answer.status}).")
    header = Message()
    header["Content-Type"] = answer.headers.get("Content-Type", "application/octet-stream")
    data = _read(answer, deadline, most_bytes)
    charset = header.get_content_charset() or ""
    return Fetched(address, data, header.get_content_type(), charset)


def _read(answer: http.client.HTTPResponse, deadline: Deadline, most_bytes: int) -> bytes:
    too_large = ExtractionError("What is at this address is larger than what is taken here.")
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise ExtractionError("The site answered in an encoding that was not asked for.")
    unpacker = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    taken, received = bytearray(), 0
    while True:
        if not deadline.left:
            raise ExtractionError(TOO_SLOW)
        piece = answer.read1(READ_BYTES)
        if not piece:
            break
        received += len(piece)
        if unpacker:
            try:
                piece = unpacker.decompress(piece, most_bytes + 1 - len(taken))
            except zlib.error as error:
                raise ExtractionError("The site sent something damaged.") from error
        taken += piece
        if len(taken) > most_bytes or len(taken) > MAX_RATIO * (received + READ_BYTES):
            raise too_large
    if not deadline.left:  # what was cut may look like an end
        raise ExtractionError(TOO_SLOW)
    if answer.length:  # less came than was announced
        raise ExtractionError("The site broke the connection off. Try again later.")
    return bytes(taken)
