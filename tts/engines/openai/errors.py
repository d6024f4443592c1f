"""What goes wrong with a speech server, in words: for who listens, and for who runs it."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from tts.speech import Endpoint, SpeechError

LONGEST_RETRY_AFTER_SECONDS = 600.0
SHOWN_CHARACTERS = 200
KEY_LIKE = re.compile(r"\b(?:sk|key|gsk|hf)[-_][\w*.-]{6,}|Bearer\s+\S+", re.IGNORECASE)
NOT_UNDERSTOOD = "The speech server's answer was not understood."
NO_CAPTIONS = 'It has no /dev/captioned_speech: do not tick "tells word times".'
MISSING_V1 = "Its address mostly ends in /v1: is that missing, or is something behind it?"


class FormatRefused(SpeechError):
    """The server does not speak in the format that was asked for."""


@contextmanager
def told(endpoint: Endpoint) -> Iterator[None]:
    """Turn whatever the client raises into a SpeechError that bears no key."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(error, endpoint) from None
    except openai.APITimeoutError as error:
        raise _of_connection(error, endpoint) from None
    except openai.APIConnectionError as error:
        raise _of_connection(error, endpoint) from None
    except httpx2.TimeoutException:
        raise SpeechError(
            "The speech server fell silent in the middle of the sound.", retryable=True
        ) from None
    except httpx2.TransportError:
        raise SpeechError(
            "The speech server broke off in the middle of the sound.", retryable=True
        ) from None
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise SpeechError(
            NOT_UNDERSTOOD,
            retryable=True,
            advice=f"{type(error).__name__}: {_shown(str(error), endpoint)}",
        ) from None


def refuse_text(content_type: str) -> None:
    """Raise SpeechError when an answer that says it went well is a text, not a sound."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/html":
        raise SpeechError(
            "The speech server answered with a web page instead of sound.",
            scope="model",
            advice=MISSING_V1,
        )
    if kind.startswith("text/") or kind.endswith("json"):
        raise SpeechError("The speech server answered with words instead of sound.", retryable=True)


# --- no answer ------------------------------------------------------------------------------------


def _of_connection(error: BaseException, endpoint: Endpoint) -> SpeechError:
    host = urlsplit(endpoint.base_url).netloc or "OpenAI"
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return _outage(
                "The speech server was not found.",
                f"The name {host} is not known here: is it spelt right? Inside a container, "
                "localhost is the container itself; name the other container or the host.",
            )
        if isinstance(cause, ssl.SSLError):
            return SpeechError(
                "The speech server's certificate is not accepted.",
                scope="model",
                advice=_tls_advice(cause),
            )
        if isinstance(cause, ConnectionRefusedError):
            return _outage(
                "The speech server does not answer.",
                f"Nothing listens on {host}: is it running, and is the port right? Inside a "
                "container, localhost is the container itself.",
            )
        if isinstance(cause, httpx2.UnsupportedProtocol):
            return SpeechError(
                "The speech server's address is not understood.",
                scope="model",
                advice="It must begin with http:// or https://.",
            )
        if isinstance(cause, httpx2.ConnectTimeout):
            return _outage(
                "The speech server cannot be reached.",
                f"{host} does not take connections: is a firewall between, or is it off?",
            )
        if isinstance(cause, httpx2.TimeoutException):
            return _outage(
                "The speech server takes too long to answer.",
                f"It said nothing for {endpoint.timeout_seconds:g} seconds. A first request may "
                "have to load the model; else allow it fewer at once, or a longer time-out.",
            )
    return _outage(
        "The connection to the speech server failed.", f"{host} ended it without an answer."
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what an error comes from, the innermost first: that says most."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    yield from reversed(chain)


def _tls_advice(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"{error.verify_message.capitalize()}. A server of one's own mostly speaks http://; "
            "for https:// it needs a certificate that this machine trusts."
        )
    if error.reason == "WRONG_VERSION_NUMBER":
        return "The server speaks http:// on that port, not https://."
    return f"TLS failed: {error.reason or type(error).__name__}."


def _outage(message: str, advice: str, retry_after: float | None = None) -> SpeechError:
    return SpeechError(
        message, retryable=True, scope="model", advice=advice, retry_after=retry_after
    )


# --- an answer that is an error -------------------------------------------------------------------


def _of_status(error: openai.APIStatusError, endpoint: Endpoint) -> SpeechError:
    status = error.status_code
    words = _words(error.body)
    shown = _shown(words, endpoint)
    says = f" The server says: {shown}" if shown else ""
    told = _of_code(status, words, error, endpoint, says)
    told.status = status
    return told


def _of_code(
    status: int, words: str, error: openai.APIStatusError, endpoint: Endpoint, says: str
) -> SpeechError:
    if 300 <= status < 400:
        return SpeechError(
            "The speech server has moved.",
            scope="model",
            advice="It redirects: enter the address that it is at now.",
        )
    if status in (401, 403):
        advice = "Check the key." if endpoint.api_key else "It wants a key."
        return SpeechError(
            "The speech server refuses the key.", scope="model", advice=advice + says
        )
    if status == 402 or _is_out_of_credit(status, words, error):
        return SpeechError(
            "The account at the speech server has no credit left.",
            scope="model",
            advice="Add credit there, then try again." + says,
        )
    if status == 429:
        return _outage(
            "The speech server is asked for more than it gives.",
            "Lower the requests per minute or the number at once." + says,
            _retry_after(error.response.headers),
        )
    if status < 500:
        return _of_refusal(status, words, error, endpoint, says)
    if status == 500:  # one text may crash a server that speaks all others
        return SpeechError(
            "The speech server failed on this text.", retryable=True, advice=says.strip()
        )
    return _outage(
        "The speech server is out of order.",
        f"It answers {status}." + says,
        _retry_after(error.response.headers),
    )


def _of_refusal(
    status: int, words: str, error: openai.APIStatusError, endpoint: Endpoint, says: str
) -> SpeechError:
    about = f"{words} {error.code or ''} {error.param or ''} {_place(error.body)}".lower()
    if "format" in about:
        return FormatRefused(
            f"The speech server does not speak in the format {endpoint.response_format!r}.",
            scope="model",
            advice="Choose another format, such as wav or mp3." + says,
        )
    if "voice" in about:
        return SpeechError(
            "The speech server does not have this voice.",
            scope="voice",
            advice="Ask the engine for its voices again, or correct the list of voices." + says,
        )
    if "model" in about:
        return SpeechError(
            f"The speech server does not have the model {endpoint.model!r}.",
            scope="model",
            advice="Enter the name as the server writes it." + says,
        )
    if status in (404, 405):
        return SpeechError(
            "The speech server does not know this way of asking.",
            scope="model",
            advice=(NO_CAPTIONS if endpoint.tells_words else MISSING_V1) + says,
        )
    return SpeechError("The speech server refuses this text.", advice=says.strip())


def _is_out_of_credit(status: int, words: str, error: openai.APIStatusError) -> bool:
    return status == 429 and "insufficient_quota" in (error.code, error.type)


def _retry_after(headers: Any) -> float | None:
    """Return the seconds that the server asks to be left alone, in any of the ways of saying so."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    if not seconds > 0:
        return None
    return min(seconds, LONGEST_RETRY_AFTER_SECONDS)


def _words(body: object) -> str:
    """Return the message of an error's body, in any of the shapes that servers send."""
    for _ in range(4):
        if isinstance(body, list) and body:
            body = body[0]
        if not isinstance(body, dict):
            break
        for name in ("message", "detail", "error", "msg"):
            if name in body:
                body = body[name]
                break
        else:
            return ""
    return body if isinstance(body, str) else ""


def _place(body: object) -> str:
    """Return which field of the request an error is about, where a server tells (FastAPI's 422)."""
    match body:
        case {"detail": [{"loc": [*place]}, *_]}:
            return " ".join(map(str, place))
    return ""


def _shown(words: str, endpoint: Endpoint) -> str:
    """Return a server's words as they may be shown: short, one line, without any key."""
    if endpoint.api_key:
        words = words.replace(endpoint.api_key, "…")
    words = " ".join(KEY_LIKE.sub("…", words).split())
    if words.startswith("<"):  # a proxy's page
        return ""
    return words if len(words) <= SHOWN_CHARACTERS else words[:SHOWN_CHARACTERS] + "…"
