"""Who asks, and what they may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.http import HttpRequest

from ..models import Document, DocumentQuerySet, User

View = TypeVar("View", bound=Callable[..., Any])


def visible(request: HttpRequest) -> DocumentQuerySet:
    """Return the documents this person may see; nobody sees none.

    A page sends nobody to the sign-in page, whether or not there is such a document. What only a
    page fetches (sounds, marks, blocks) answers nobody with 404: a redirect is of no use to it.
    """
    if not request.user.is_authenticated:
        return Document.objects.none()
    return Document.objects.visible_to(person(request))


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


def takes_uploads(view: View) -> View:
    """Have a view take a whole document from whoever is signed in.

    All others refuse a large body before it has come (``config/bodies.py``).
    """
    view.may_upload = lambda request: request.user.is_authenticated  # type: ignore[attr-defined]
    return view
