"""The description of the API (OpenAPI), made whole, and as a page to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from .problems import PROBLEM
from .shapes import More, NewGrowing, NewPage, NewText, ProblemOut

METHODS = ("get", "post", "put", "patch", "delete")
# What any operation may answer, besides its own: the status, and when.
ALWAYS = {
    401: "No token, or one that opens nothing",
    403: "The token lacks the scope",
    429: "Too many requests: wait as Retry-After says",
}
OF_ONE = {404: "There is nothing here that this token may see"}
WITH_INPUT = {
    400: "What was sent cannot be read",
    409: "Something else is going on: try again",
    413: "What was sent is too large",
    415: "What was sent is of another type than is taken",
}
ETAG = {"ETag": {"description": "Send it as If-None-Match.", "schema": {"type": "string"}}}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Under one key this is done once, however often it is sent. Kept for a day.",
    "required": False,
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[ -~]*$"},
}


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Add to each operation what all of them have: problems, ETags, idempotency keys."""
    schemas = schema["components"]["schemas"]
    for shape in (ProblemOut, NewText, NewPage, NewGrowing, More):
        schemas[shape.__name__] = shape.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _complete(operation, path, method)
    return schema


def _complete(operation: dict[str, Any], path: str, method: str) -> None:
    operation["description"] = operation.get("description", "").replace("``", "`")
    problems = dict(ALWAYS)
    if "{" in path:
        problems |= OF_ONE
    if operation.get("requestBody"):
        problems |= WITH_INPUT
    if operation.get("requestBody") or operation["parameters"]:
        problems[422] = "What was sent is not as it should be"
    responses = operation["responses"]
    for status, words in problems.items():
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
        responses.setdefault(status, {"description": words, "content": content})
    if method == "get" and "application/json" in responses.get(200, {}).get("content", {}):
        responses[200]["headers"] = ETAG
        responses.setdefault(304, {"description": "It is as the ETag says"})
    if operation.get("operationId") in ("create", "append", "begin"):
        operation["parameters"] = [*operation["parameters"], IDEMPOTENCY_KEY]


def page_of(api: NinjaAPI) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view that shows an API's description to a person."""

    @login_not_required
    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        schema = api.get_openapi_schema()
        groups: dict[str, list[dict[str, Any]]] = {}
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                tag = operation.get("tags", ["More"])[0]
                groups.setdefault(tag, []).append(_told(path, method, operation, schema))
        return render(request, "reader/api_docs.html", {"groups": groups})

    return page


def _told(
    path: str, method: str, operation: dict[str, Any], schema: dict[str, Any]
) -> dict[str, Any]:
    """Return what the page tells of an operation."""
    bodies = [
        (kind, fields)
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        for fields in _alternatives(content["schema"], schema)
    ]
    good = {
        status: _fields(answer, schema)
        for status, response in operation["responses"].items()
        if 200 <= int(status) < 300
        for answer in [response.get("content", {}).get("application/json", {}).get("schema", {})]
    }
    return {
        "id": f"{method}-{path.strip('/').replace('/', '-')}",
        "path": path,
        "method": method.upper(),
        "summary": operation["summary"],
        "description": operation["description"].replace("`", ""),
        "parameters": operation["parameters"],
        "bodies": bodies,
        "answers": good,
    }


def _alternatives(shape: dict[str, Any], schema: dict[str, Any]) -> list[list[dict[str, str]]]:
    return [_fields(each, schema) for each in shape.get("oneOf", [shape])]


def _fields(shape: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, str]]:
    """Return the fields of a shape, each with its type and what is said of it."""
    shape = _resolved(shape, schema)
    required = shape.get("required", [])
    return [
        {
            "name": name,
            "type": _type(field, schema),
            "words": field.get("description", ""),
            "is_required": "required" if name in required else "",
        }
        for name, field in shape.get("properties", {}).items()
    ]


def _resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = shape.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else shape
    return found


def _type(field: dict[str, Any], schema: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(each, schema) for each in field["anyOf"])
    if field.get("type") == "array":
        items = _resolved(field.get("items", {}), schema)
        inside = ", ".join(items.get("properties", {}))
        return f"list of {{{inside}}}" if inside else f"list of {_type(items, schema)}s"
    return str(field.get("format") or field.get("type", "any"))
