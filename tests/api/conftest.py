"""Programs of alice and bob, each with a token."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from reader.models import User
from reader.services.tokens import make_token

ALL = ("read", "write", "speech")


class Program:
    """What a program does: JSON, and a token in each request."""

    def __init__(self, key: str, prefix: str = "/api/v1") -> None:
        self.key, self._prefix = key, prefix
        self._client = Client(headers={"Authorization": f"Bearer {key}"} if key else {})

    def get(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._client.get(self._prefix + path, data, headers=headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._client.delete(self._prefix + path, headers=headers)

    def post(self, path: str, content: object = None, **headers: str) -> Any:
        return self._send("post", path, content, headers)

    def put(self, path: str, content: object = None, **headers: str) -> Any:
        return self._send("put", path, content, headers)

    def patch(self, path: str, content: object = None, **headers: str) -> Any:
        return self._send("patch", path, content, headers)

    def form(self, path: str, data: dict[str, Any], **headers: str) -> Any:
        return self._client.post(self._prefix + path, data, headers=headers)

    def _send(self, method: str, path: str, content: object, headers: dict[str, str]) -> Any:
        send = getattr(self._client, method)
        return send(self._prefix + path, content, content_type="application/json", headers=headers)


def program_of(user: User, *scopes: str, **about: Any) -> Program:
    _, key = make_token(user=user, name="of the tests", scopes=scopes or ALL, **about)
    return Program(key)


@pytest.fixture
def alices(alice) -> Program:
    return program_of(alice)


@pytest.fixture
def bobs(bob) -> Program:
    return program_of(bob)


def is_problem(response: Any, status: int, *words: str) -> dict[str, Any]:
    """Check that an answer tells of a problem as all do; return it."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    for word in words:
        assert word in problem["detail"], problem
    return problem
