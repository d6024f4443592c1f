"""Signing in by an OpenID Connect provider of whoever runs this."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render

from ..models import User
from .adapter import claim_place, may_sign_up


class ProviderAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return settings.OIDC_SIGNUP or may_sign_up(request)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse what is told of another subject than the token is about.

        OpenID Connect Core 1.0, section 5.3.2, has whoever signs in compare the two.
        """
        told = sociallogin.account.extra_data
        token, info = told.get("id_token"), told.get("userinfo")
        if token and info and str(token.get("sub")) != str(info.get("sub")):
            raise PermissionDenied("The provider's token and its answer are of two subjects.")

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Return whose account somebody is let into by their address the first time.

        Both sides must have confirmed it, and the account must not be connected with the provider
        already: an address that passed to somebody else there opens nothing here.
        """
        for told in sociallogin.email_addresses:
            own = EmailAddress.objects.filter(
                email=told.email.lower(), verified=True, user__is_active=True
            )
            if not told.verified or not (address := own.select_related("user").first()):
                continue
            provider = sociallogin.account.provider
            if not SocialAccount.objects.filter(user=address.user, provider=provider).exists():
                return cast(User, address.user), address.email
        return None

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        with transaction.atomic():
            user = cast(User, super().save_user(request, sociallogin, form))
            if not settings.OIDC_SIGNUP and not claim_place(request, user):
                transaction.set_rollback(True)
                raise ImmediateHttpResponse(
                    render(request, "account/invitation_gone.html", status=410)
                )
        return user
