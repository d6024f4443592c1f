"""The API as a whole: its parts, its errors, its addresses."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter
from django.utils.cache import get_conditional_response
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from . import account, description, documents, exports, finding, listening, problems, sounds
from .access import may_upload

ABOUT = (
    "Bring documents into Lectern, follow them, and hear them. Every request carries a token that "
    "is made in the settings: `Authorization: Bearer KEY`. Errors are problem details (RFC 9457)."
)


# What a browser is told that asks whether a page may send this (CORS).
MAY_BE_SENT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match, "
    "Range",
    "Access-Control-Max-Age": "86400",
}


class Api(NinjaAPI):
    """Ninja's, with ETags, and a description that tells of all that may be answered."""

    def create_response(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(request, *args, **kwargs)
        if request.method != "GET" or response.status_code != 200:
            return response
        etag = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
        response.headers["ETag"] = etag
        # Kept by whoever asked alone, and never used without asking whether it still holds.
        response.headers["Cache-Control"] = "private, no-cache"
        unchanged = get_conditional_response(request, etag=etag, response=response)
        return unchanged or response

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
        description.complete(schema)
        return schema

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


api = Api(title="Lectern", version="1", description=ABOUT, docs_url=None, urls_namespace="api")
problems.tell_problems(api)
for part in (documents, finding, sounds, exports, listening, account):
    api.add_router("", part.router)


def _nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problems.problem(404, problems.NOT_FOUND)


def _ours(pattern: URLPattern) -> URLPattern:
    """Give an address of Ninja's what the rest of the house asks of views."""
    view: Callable[..., HttpResponseBase] = pattern.callback

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = HttpResponse(status=204, headers=MAY_BE_SENT)
        else:
            response = view(request, *args, **kwargs)
        if response.status_code == 405:
            words, allow = "This address does not take that method.", response.headers["Allow"]
            response = problems.problem(405, words, headers={"Allow": allow})
        # Programs in pages and extensions: they have a token, and cookies open nothing here.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined]  # tokens are in no cookie
    answer.login_required = False  # type: ignore[attr-defined]
    if pattern.name in UPLOADS:
        answer.may_upload = may_upload  # type: ignore[attr-defined]
    pattern.callback = answer
    return pattern


# The names of addresses that take whole documents: Ninja takes them from the operations.
UPLOADS = frozenset(
    operation.view_func.__name__
    for router in (documents.router,)
    for view in router.path_operations.values()
    for operation in view.operations
    if getattr(operation.view_func, "takes_uploads", False)
)


class Anything(StringConverter):
    """Whatever stands in an address, line breaks too, which Django's own ``path`` leaves out."""

    regex = r"(?s:.+)"


register_converter(Anything, "anything")
_own, _app_name, _namespace = api.urls
urlpatterns = [
    path("docs", description.page_of(api), name="docs"),
    *[
        _ours(pattern)
        for pattern in _own
        if isinstance(pattern, URLPattern) and str(pattern.pattern)
    ],
    _ours(path("", _nothing, name="api-root")),
    _ours(path("<anything:rest>", _nothing)),
]
urls = (urlpatterns, _app_name, _namespace)
