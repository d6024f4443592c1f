"""Taking all of one's data away, and deleting the account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from allauth.account.internal.flows.logout import logout
from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ..forms.leaving import LeaveForm
from ..models import Document, User
from ..services.leaving import NobodyWouldBeLeft, leave
from ..services.takeout import archive_of
from ..views.access import person
from .sure import for_the_person_alone

# Each holds a thread and a connection to the database while it is sent.
MOST_AT_ONCE = 4
_on_their_way: set[int] = set()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_the_person_alone
def data(request: HttpRequest) -> HttpResponseBase:
    """Show what a person can take away; send it."""
    user = person(request)
    if request.method == "POST":
        if user.pk in _on_their_way or len(_on_their_way) >= MOST_AT_ONCE:
            return render(request, "account/data_busy.html", status=429)
        response = StreamingHttpResponse(_sent(user), content_type="application/zip")
        response.headers["Content-Disposition"] = 'attachment; filename="lectern.zip"'
        return response
    documents = Document.objects.filter(owner=user)
    return render(request, "account/data.html", {"count": documents.count()})


async def _sent(user: User) -> AsyncIterator[bytes]:
    """Send the archive, made by a thread of its own: it takes as long as it is fetched."""
    _on_their_way.add(user.pk)
    pool = ThreadPoolExecutor(1, thread_name_prefix="takeout")
    pieces = archive_of(user)
    try:
        while (piece := await asyncio.wrap_future(pool.submit(next, pieces, None))) is not None:
            yield piece
    finally:
        _on_their_way.discard(user.pk)
        pool.submit(pieces.close)
        pool.submit(connections.close_all)
        pool.shutdown(wait=False)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_the_person_alone
def delete(request: HttpRequest) -> HttpResponse:
    """Delete an account with everything."""
    user = person(request)
    form = LeaveForm(request.POST or None, user=user)
    context: dict[str, Any] = {"form": form, "count": Document.objects.filter(owner=user).count()}
    if form.is_valid():
        try:
            leave(user=user)
        except NobodyWouldBeLeft:
            return render(request, "account/delete.html", {**context, "is_last": True}, status=409)
        logout(request)
        response = redirect("account_deleted")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
    return render(request, "account/delete.html", context)


@login_not_required
@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "account/deleted.html")
