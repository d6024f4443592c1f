"""Pages for what is refused, with what whoever runs this has to set where that is the cause."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.template.loader import render_to_string
from django.utils.http import is_same_domain

from tts import storage

from .bodies import PERSON_BYTES, too_large

log = structlog.get_logger(__name__)
Answer = Callable[[HttpRequest], HttpResponseBase]

NO_REASON = ""
UNKEEPABLE = "Something in this cannot be kept: a character that is none, or a number too large."
BAD_ORIGIN = REASON_BAD_ORIGIN.partition("%s")[0]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with 400, or 413 for what is too large."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _page("413.html", 413, words=too_large(PERSON_BYTES + 1))
    return _page("400.html", 400, host=_host(request) if _is_about_host(exception) else "")


def csrf_failure(request: HttpRequest, reason: str = NO_REASON) -> HttpResponse:
    """Answer with 403 to a form that may come from another site."""
    origin = request.headers.get("Origin", "") if reason.startswith(BAD_ORIGIN) else ""
    parts = urlsplit(origin)
    # Its own page under another scheme: a proxy with TLS stands between.
    is_own_host = bool(parts.hostname) and is_same_domain(parts.netloc, request.get_host())
    return _page(
        "403_csrf.html",
        403,
        origin=origin,
        is_tls_unknown=is_own_host and parts.scheme == "https" and not request.is_secure(),
    )


def storage_failures(get_response: Answer) -> Answer:
    """Tell of a full disk, and of one that cannot be written to, as what it is."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    middleware.process_exception = _storage_failed  # type: ignore[attr-defined]
    return middleware


def _storage_failed(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    refused = storage.refusal(exception)
    if refused is None:
        return None
    status, words = refused
    log.error("storage.request_failed", path=request.path, reason=str(exception))
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"errors": {"__all__": [words]}}, status=status)
    return _page("507.html", status, words=words)


def refused_values(get_response: Answer) -> Answer:
    """Answer with 400 to what no database can keep: a NUL in a text, a number beyond its size."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    middleware.process_exception = _value_refused  # type: ignore[attr-defined]
    return middleware


def _value_refused(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    if not isinstance(exception, DataError):
        return None
    log.warning("request.value_refused", path=request.path, reason=str(exception))
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"errors": {"__all__": [UNKEEPABLE]}}, status=400)
    return bad_request(request, exception)


def _is_about_host(exception: Exception) -> bool:
    return isinstance(exception, DisallowedHost)


def _host(request: HttpRequest) -> str:
    """Return the name under which it was reached, as far as it can be one."""
    host = urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname or ""
    return host if len(host) <= 253 else ""  # the longest name there is


def _page(template: str, status: int, **context: object) -> HttpResponse:
    # Without the request: what it holds may be what is wrong.
    return HttpResponse(render_to_string(template, context), status=status)
