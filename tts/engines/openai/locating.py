"""Find where a speech server's API is, when it is not at the address that was entered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tts.speech import SpeechError

# Where it mostly is; and with a proxy or a web interface before it.
USUAL_PATHS = ("/v1", "/api/v1", "/openai/v1", "")


def elsewhere(base_url: str, answers: Callable[[str], bool]) -> SpeechError | None:
    """Return what to tell when the API answers at another address of the same server.

    ``answers`` tells whether there is one at an address. The server stays the same: nothing, a key
    least of all, is sent to another.
    """
    for address in _others(base_url):
        if answers(address):
            break
    else:
        return None
    missing = address.removeprefix(base_url) if address.startswith(base_url) else ""
    message = (
        f"The speech server's address lacks {missing} at its end."
        if missing
        else "The speech server's address has a wrong path."
    )
    error = SpeechError(message, scope="model", advice=f"It answers at {address}: enter that.")
    error.address = address
    return error


def _others(base_url: str) -> Iterator[str]:
    parts = urlsplit(base_url)
    root = f"{parts.scheme}://{parts.netloc}"
    addresses = [root + path for path in USUAL_PATHS]
    if not base_url.endswith("/v1"):
        addresses.insert(0, f"{base_url}/v1")
    yield from dict.fromkeys(each for each in addresses if each != base_url)
