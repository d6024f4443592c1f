"""Requests with a header Idempotency-Key: sent again, they get the first one's answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from ninja import Schema

from ..services import repeating
from .access import person
from .problems import Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"


def answered(request: HttpRequest, carry_out: Callable[[], tuple[int, Schema]]) -> HttpResponse:
    """Return the answer to a request that makes something; under one key it makes it once.

    Raises Problem.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        status, shape = carry_out()
        return _answer(status, json.loads(shape.model_dump_json()))
    if len(key) > repeating.LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Problem(422, f"{HEADER} has up to {repeating.LONGEST_KEY} letters of ASCII.")

    def carried_out() -> repeating.Answer:
        status, shape = carry_out()
        return status, json.loads(shape.model_dump_json())

    try:
        (status, content), is_old = repeating.once(
            user=person(request), key=key, fingerprint=_fingerprint(request), carry_out=carried_out
        )
    except repeating.StillRunning:
        words = "The same request is being carried out. Ask again in a moment."
        raise Problem(409, words, headers={"Retry-After": "2"}) from None
    except repeating.OtherRequest:
        raise Problem(422, f"This {HEADER} was used for another request.") from None
    response = _answer(status, content)
    if is_old:
        response.headers[REPLAYED] = "true"
    return response


def _answer(status: int, content: object) -> HttpResponse:
    return HttpResponse(json.dumps(content), status=status, content_type="application/json")


def _fingerprint(request: HttpRequest) -> str:
    """Return what tells a request from any other."""
    hashed = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if request.content_type == "multipart/form-data":  # its boundaries differ each time
        hashed.update(json.dumps(sorted(request.POST.lists())).encode())
        for name in sorted(request.FILES):
            file = cast("UploadedFile[Any]", request.FILES[name])
            hashed.update(f"{name} {file.name}".encode())
            for piece in file.chunks():
                hashed.update(piece)
            file.seek(0)
    else:
        hashed.update(request.body)
    return hashed.hexdigest()
