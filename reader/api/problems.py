"""Errors as problem details (RFC 9457): what happened, in words, and where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tts import storage

log = structlog.get_logger(__name__)

PROBLEM = "application/problem+json"
NOT_FOUND = "There is nothing here that this token may see."
NO_TOKEN = "Send a valid token: Authorization: Bearer KEY. It is made in the settings."
TOO_LARGE = "What you sent is larger than is taken here."
FAILED = "Something went wrong here, and was logged. Try again later."


class Problem(Exception):
    """A refusal, in words for a person, and what it is about."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.errors, self.headers = [dict(error) for error in errors], dict(headers or {})


def problem(
    status: int,
    detail: str,
    *,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return the answer that tells of a problem."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors := list(errors):
        content["errors"] = errors
    return HttpResponse(
        json.dumps(content), status=status, content_type=PROBLEM, headers=dict(headers or {})
    )


def of_form(form: BaseForm, status: int = 422) -> Problem:
    """Return what a form refuses as a problem, field by field."""
    errors = [
        {"field": "" if field == "__all__" else field, "message": str(message)}
        for field, messages in form.errors.items()
        for message in messages
    ]
    return Problem(status, " ".join(error["message"] for error in errors), errors=errors)


def tell_problems(api: NinjaAPI) -> None:
    """Have an API answer with problem details, whatever goes wrong."""
    handlers: dict[type[Exception], Any] = {
        Problem: _refused,
        Http404: lambda request, error: problem(404, NOT_FOUND),
        AuthenticationError: lambda request, error: not_known(),
        HttpError: lambda request, error: problem(error.status_code, str(error)),
        ValidationError: _not_valid,
        RequestDataTooBig: lambda request, error: problem(413, TOO_LARGE),
        TooManyFieldsSent: lambda request, error: problem(413, TOO_LARGE),
        TooManyFilesSent: lambda request, error: problem(413, TOO_LARGE),
        MultiPartParserError: lambda request, error: problem(400, "The form cannot be read."),
        Exception: _failed,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def not_known() -> HttpResponse:
    """Answer who has no token, or one that opens nothing any more."""
    return problem(401, NO_TOKEN, headers={"WWW-Authenticate": 'Bearer realm="Lectern"'})


def _refused(request: HttpRequest, refused: Problem) -> HttpResponse:
    return problem(refused.status, refused.detail, errors=refused.errors, headers=refused.headers)


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {
            "field": ".".join(str(part) for part in each["loc"][1:] if part != "body"),
            "message": str(each["msg"]),
        }
        for each in error.errors
    ]
    told = "; ".join(f"{each['field'] or 'body'}: {each['message']}" for each in errors)
    return problem(422, f"This is not as it should be. {told}", errors=errors)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    if refused := storage.refusal(error):
        return problem(*refused)
    log.error("api.failed", path=request.path, method=request.method, exc_info=error)
    return problem(500, FAILED)
