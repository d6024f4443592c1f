"""The tokens of a person's programs: made, shown once, withdrawn."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..forms.programs import TokenForm
from ..services.tokens import make_token, withdraw_token
from .access import person

# What is selected goes along in the address, which takes no more than so much.
BOOKMARKLET = (
    "javascript:(()=>{{const s=String(getSelection()).trim().slice(0,5000);open({address}+'?'+"
    "new URLSearchParams(s?{{text:s,title:document.title}}:{{url:location.href}}))}})()"
)


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens, and make one. Its key is in this one answer, and nowhere else."""
    user = person(request)
    form, key, status = TokenForm(request.POST or None, user=user), "", 200
    if form.is_valid():
        _, key = make_token(
            user=user,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at,
        )
        form, status = TokenForm(user=user), 201
    elif request.method == "POST":
        status = 422
    context = {"form": form, "key": key, "tokens": user.tokens.all()}
    return render(request, "reader/tokens.html", context, status=status)


@require_safe
def anywhere(request: HttpRequest) -> HttpResponse:
    """Show how pages are saved from wherever a person is: a bookmark, the extension, a folder."""
    address = request.build_absolute_uri(reverse("document_new"))
    context = {
        "bookmarklet": BOOKMARKLET.format(address=json.dumps(address)),
        "folder": settings.IMPORT_FOLDER,
    }
    return render(request, "reader/anywhere.html", context)


@require_POST
def token_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a token."""
    token = get_object_or_404(person(request).tokens, pk=pk)
    withdraw_token(token=token)
    messages.success(request, f"“{token.name}” opens nothing any more.")
    return redirect("tokens")
