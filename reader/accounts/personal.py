"""A person's own account: how they sign in, where they are signed in, whom they invite."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..forms.invitations import InvitationForm
from ..models import Invitation, User
from ..rights import end_session, sign_out_everywhere
from ..services import invitations
from ..views.access import person
from .devices import device_of
from .sure import for_the_person_alone

INVITE = "reader.add_invitation"


@require_safe
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show how a person signs in."""
    user = person(request)
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    by_type: dict[str, list[Authenticator]] = {}
    for factor in factors:
        by_type.setdefault(factor.type, []).append(factor)
    context = {
        "app": next(iter(by_type.get(Authenticator.Type.TOTP, [])), None),
        "passkeys": by_type.get(Authenticator.Type.WEBAUTHN, []),
        "recovery": next(iter(by_type.get(Authenticator.Type.RECOVERY_CODES, [])), None),
        "address": EmailAddress.objects.get_primary(user),
        "sends_mail": bool(settings.EMAIL_URL),
        "has_password": user.has_usable_password(),
        "invites": user.has_perm(INVITE) and user.is_staff,
    }
    return render(request, "account/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sessions(request: HttpRequest) -> HttpResponseBase:
    """Show where a person is signed in; end one of these, or all others."""
    if request.method == "POST":
        return _end_sessions(request)
    user = person(request)
    _list_this(request)
    there = UserSession.objects.purge_and_list(user)
    shown = [_shown(request, each) for each in sorted(there, key=_begun, reverse=True)]
    shown.sort(key=lambda each: not each["is_this"])
    return render(request, "account/sessions.html", {"sessions": shown})


@for_the_person_alone
def _end_sessions(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if "everywhere" in request.POST:
        sign_out_everywhere(user)
        update_session_auth_hash(request, user)  # this one goes on, under another name
        _list_this(request)
        messages.success(request, "You are signed out everywhere but here.")
    else:
        pk = request.POST.get("session", "")
        chosen = UserSession.objects.filter(user=user, pk=int(pk) if pk.isdecimal() else 0)
        if session := chosen.exclude(session_key=request.session.session_key).first():
            end_session(user, session)
            messages.success(request, "That device is signed out.")
    return redirect("usersessions_list")


def _list_this(request: HttpRequest) -> None:
    """See that this session is in the list: others came by a way that does not tell of it."""
    UserSession.objects.create_from_request(request)


def _begun(session: UserSession) -> datetime:
    begun: datetime = session.created_at
    return begun


def _shown(request: HttpRequest, session: UserSession) -> dict[str, Any]:
    return {
        "pk": session.pk,
        "device": device_of(session.user_agent),
        "ip": session.ip,
        "begun": session.created_at,
        "is_this": session.session_key == request.session.session_key,
    }


def inviter(request: HttpRequest) -> User:
    """Return who asks, if they may invite people. Raises PermissionDenied."""
    user = person(request)
    if not (user.is_staff and user.has_perm(INVITE)):
        raise PermissionDenied
    return user


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitations_page(request: HttpRequest) -> HttpResponse:
    """Show the invitations there are; make another one, whose link is shown once."""
    user = inviter(request)
    form = InvitationForm(request.POST or None)
    link = ""
    if form.is_valid():
        until = timezone.now() + timedelta(days=form.cleaned_data["days"])
        _, path = invitations.invite(by=user, note=form.cleaned_data["note"], until=until)
        link = request.build_absolute_uri(path)
        form = InvitationForm()
    context = {"form": form, "link": link, "invitations": Invitation.objects.all()[:200]}
    return render(request, "account/invitations.html", context)


@require_POST
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    inviter(request)
    invitations.withdraw(invitation=get_object_or_404(Invitation, pk=pk, used_at=None))
    messages.success(request, "The invitation is withdrawn.")
    return redirect("invitations")
