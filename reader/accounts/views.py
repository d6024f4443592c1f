"""Signing in, up and out; passwords."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
import structlog
from allauth.account import views as allauth
from allauth.account.internal.flows.password_change import finalize_password_change
from allauth.account.utils import perform_login
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.providers.openid_connect import views as provider
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django.views.generic.edit import FormView

from ..services import invitations
from ..services.first_sign_in import FIRST_USER, use_link
from .forms import TOO_MANY

log = structlog.get_logger(__name__)


class Told:
    """A form that was refused because there were too many answers with 429."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if any(form.has_error(field, TOO_MANY) for field in (NON_FIELD_ERRORS, *form.fields)):
            response.status_code = 429
        return response


class SignIn(Told, allauth.LoginView):
    """Signing in."""


class SignUp(Told, allauth.SignupView):
    """Making an account, with an invitation or where anybody may."""

    def closed(self) -> HttpResponse:
        return render(self.request, "account/signup_closed.html", status=404)


sign_in = SignIn.as_view()
sign_up = SignUp.as_view()


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Sign out, and have the browser forget what it kept of this person."""
    response: HttpResponseBase = allauth.logout(request)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@login_not_required
def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """Send staff to the one page for signing in; who is signed in and no staff cannot do more."""
    if not request.user.is_authenticated:
        following = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(following)
    if not request.user.is_staff:
        return render(request, "account/not_staff.html", status=403)
    return redirect("admin:index")


@login_not_required
@require_safe
@never_cache
def first_sign_in(request: HttpRequest, token: str) -> HttpResponseBase:
    """Sign the first person in by the link that the start has printed."""
    user = use_link(token)
    if user is None:
        if request.user.is_authenticated:
            return redirect("library")
        return render(request, "account/link_used.html", {"name": FIRST_USER}, status=410)
    messages.info(request, "Welcome. Choose a password in the settings, to sign in again later.")
    response: HttpResponseBase = perform_login(request, user, email_verification="none")
    return response


@login_not_required
@require_safe
@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Open an invitation: the browser holds it until the account is made."""
    if request.user.is_authenticated:
        return redirect("library")
    if not invitations.open_invitation(request.session, secret):
        return render(request, "account/invitation_gone.html", status=410)
    return redirect("account_signup")


def _told_if_away(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Say so when the provider cannot be reached."""

    @login_not_required
    def wrapper(request: HttpRequest, provider_id: str) -> HttpResponseBase:
        try:
            return view(request, provider_id)
        except requests.RequestException as error:
            log.warning("provider.away", reason=str(error)[:300])
            return render(request, "socialaccount/authentication_error.html", status=502)

    return wrapper


to_provider = _told_if_away(provider.login)
from_provider = _told_if_away(provider.callback)


class PasswordChange(Told, allauth.PasswordChangeView):
    """Another password, or the first one."""

    @method_decorator(sensitive_post_parameters())
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Not allauth's own: it has another page for those who have no password yet.
        return FormView.dispatch(self, request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        form.save()
        finalize_password_change(self.request, form.user)
        return redirect("password_change_done")


password_change = PasswordChange.as_view()


class SecondFactor(AuthenticateView):
    """What an account asks for besides the password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.stage.login.user
        kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        return {**super().get_context_data(**kwargs), "kinds": kinds}


second_factor = SecondFactor.as_view()


@require_safe
def password_change_done(request: HttpRequest) -> HttpResponse:
    return render(request, "account/password_change_done.html")


@method_decorator(login_not_required, name="dispatch")
class PasswordReset(allauth.PasswordResetView):
    """Have a link for a new password sent. Without mail it says who has one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "sends_mail": bool(settings.EMAIL_URL)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.EMAIL_URL:
            raise Http404
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


password_reset = PasswordReset.as_view()


@method_decorator(login_not_required, name="dispatch")
class PasswordResetFromKey(allauth.PasswordResetFromKeyView):
    """Choose a new password, by a link that works once."""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if context.get("token_fail"):
            kwargs["status"] = 410
        answer: HttpResponse = super().render_to_response(context, **kwargs)
        return answer


password_reset_from_key = PasswordResetFromKey.as_view()


class Address(allauth.EmailView):
    """A person's address: given, confirmed, changed, removed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.EMAIL_URL:
            raise Http404
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


address = Address.as_view()
