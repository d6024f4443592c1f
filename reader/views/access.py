"""Who asks, and what they may see."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from ..models import Document, DocumentQuerySet, User


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
