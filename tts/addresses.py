"""Addresses and keys of servers as people paste them, made into what can be used, or refused in
words. Knows no Django: the settings, the admin and the database all read them here.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

LONGEST_ADDRESS = 500
QUOTATION_MARKS = "\"'`´‘’‚“”„«»‹›"
# A scheme, typed once or twice, with both slashes or one.
SCHEME = re.compile(r"(?:https?:/{0,2}(?=https?:))*(https?):/{1,2}", re.IGNORECASE)
OTHER_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}\w)?|\w{1,63}")
LONGEST_HOST = 253
# What is copied along with a server's address: the addresses of single calls, and of its pages.
CALLS = re.compile(
    r"/(?:audio/(?:speech|voices|transcriptions|translations)|audio|voices|models|chat/completions"
    r"|dev/captioned_speech|docs|redoc|openapi\.json)$",
    re.IGNORECASE,
)
# Names that are no public ones, besides those without a dot.
PRIVATE_ENDINGS = (".local", ".lan", ".home", ".internal", ".localhost", ".localdomain", ".arpa")
HTTPS_PORT = 443
KEY_PREFIX = re.compile(
    r"(?:Authorization\s*:\s*)?Bearer(?:\s+|$)|Authorization\s*:\s*", re.IGNORECASE
)


def trimmed(text: str) -> str:
    """Return a pasted word without what nobody sees in it, and without the quotation marks and
    blanks around it."""
    seen = "".join(each for each in text if each.isspace() or not _is_invisible(each))
    before = ""
    while seen != before:
        before, seen = seen, seen.strip().strip(QUOTATION_MARKS)
    return seen


def server_address(text: str) -> str:
    """Return the address of a server of OpenAI's API as it is used: ``http://kokoro:8880/v1``.

    Empty if nothing was entered. What cannot matter is mended: a scheme that is missing, slashes,
    a query, the path of a single call. Raises ValueError, in words that repeat no password.
    """
    address = unicodedata.normalize("NFKC", trimmed(text)).replace("\\", "/").strip("<>")
    if not address:
        return ""
    if any(map(str.isspace, address)):
        raise ValueError("There is a blank in the address.")
    parts = _split(address)
    if "@" in parts.netloc:
        raise ValueError("Enter the key in its own field, not in the address.")
    host, port = _host(parts), _port(parts)
    normal = f"{parts.scheme}://{host}{f':{port}' if port else ''}{_path(parts.path)}"
    if len(normal) > LONGEST_ADDRESS:
        raise ValueError(f"The address is longer than {LONGEST_ADDRESS} characters.")
    return normal


def server_key(text: str) -> str:
    """Return a server's key as it is sent. Raises ValueError, in words that do not repeat it."""
    key = trimmed(text)
    while match := KEY_PREFIX.match(key):
        key = trimmed(key[match.end() :])
    if any(map(str.isspace, key)):
        raise ValueError("There is a blank or a line break in the key: copy the key alone.")
    if not key.isascii():
        raise ValueError(
            "The key holds a letter or sign that no key has, such as “é” or “…”: "
            "copy it once more, whole."
        )
    return key


def origin_of(address: str) -> str:
    """Return whom an address speaks to: scheme, host and port; empty for the engine's own."""
    parts = urlsplit(address)
    port = parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}" if address else ""


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co"} or character == "\u034f"


def _split(address: str) -> SplitResult:
    try:
        if match := SCHEME.match(address):
            return urlsplit(f"{match[1].lower()}://{address[match.end() :]}")
        if match := OTHER_SCHEME.match(address):
            raise ValueError(f"It must begin with http:// or https://, not {match[1]}://.")
        bare = urlsplit("//" + address.removeprefix("://").lstrip("/"))
    except ValueError as error:
        if "must begin" in str(error):
            raise
        raise ValueError("An IPv6 address stands in brackets: http://[::1]:8880/v1.") from None
    return bare._replace(scheme=_likely_scheme(bare))


def _likely_scheme(bare: SplitResult) -> str:
    """Return https for what looks like a public name, so that no key goes out unsealed."""
    host, _, port = bare.netloc.rpartition("@")[2].partition(":")
    is_name = "." in host and not host.endswith(tuple("0123456789"))
    is_public = is_name and not host.lower().endswith(PRIVATE_ENDINGS)
    return "https" if port == str(HTTPS_PORT) or (is_public and not port) else "http"


def _port(parts: SplitResult) -> int | None:
    try:
        port = None if _is_ip(parts.netloc, version=6) else parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("The port after the colon must be a number from 1 to 65535.")
    return port


def _host(parts: SplitResult) -> str:
    if _is_ip(parts.netloc, version=6):  # without its brackets
        return f"[{parts.netloc}]"
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.startswith("["):
        if not _is_ip(host, version=6):
            raise ValueError(f"[{host}] is no IPv6 address.")
        return f"[{host}]"
    if not host:
        raise ValueError("The name of the server is missing: http://localhost:8880/v1.")
    labels = host.split(".")
    if len(host) > LONGEST_HOST or not all(map(LABEL.fullmatch, labels)):
        raise ValueError(f"{host} is not the name of a server.")
    if labels[-1].isdecimal() and not _is_ip(host):
        raise ValueError(f"{host} is no IP address: that has four numbers from 0 to 255.")
    return host


def _is_ip(host: str, version: int = 0) -> bool:
    try:
        return version in (0, ipaddress.ip_address(host).version)
    except ValueError:
        return False


def _path(path: str) -> str:
    path = re.sub(r"/{2,}", "/", path).rstrip("/")
    while match := CALLS.search(path):
        path = path[: match.start()].rstrip("/")
    return path
