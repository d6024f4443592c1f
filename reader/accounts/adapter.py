"""What django-allauth asks of an installation: who may sign up, who asks, what is said."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render

from tts.keys import UnreadableKey, seal, unseal

from ..clients import address_of
from ..models import User
from ..services import invitations
from ..services.doors import is_sign_up_open
from ..services.mails import post_mail

NOBODY = "0.0.0.0"  # came by a socket of this machine
# What is said on the next page; what is not here goes without saying.
WORDS = {
    "account/messages/email_confirmation_sent.txt": "We have sent a mail to {email}. Open the link "
    "in it, and the address is yours.",
    "account/messages/email_confirmed.txt": "Your address {email} is confirmed.",
    "account/messages/email_confirmation_failed.txt": "{email} was confirmed by another account, "
    "so it cannot be yours.",
    "account/messages/email_deleted.txt": "The address {email} is removed.",
    "mfa/messages/totp_activated.txt": "From now on your authenticator app is asked for a code "
    "when you sign in.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app is no longer asked for.",
    "mfa/messages/recovery_codes_generated.txt": "You have new recovery codes. The ones before "
    "are worth nothing now.",
    "mfa/messages/webauthn_added.txt": "The passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "socialaccount/messages/account_connected.txt": "Connected. You can sign in by it now.",
    "socialaccount/messages/account_connected_other.txt": "This is connected to another account "
    "already.",
    "socialaccount/messages/account_disconnected.txt": "Disconnected.",
}


def may_sign_up(request: HttpRequest) -> bool:
    return is_sign_up_open() or invitations.of_session(request.session) is not None


def claim_place(request: HttpRequest, user: User) -> bool:
    """Use the invitation for an account that is just being made; whether it may be made."""
    return is_sign_up_open(besides=user) or invitations.use(request.session, user)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many attempts to sign in. For your safety, please wait 15 "
        "minutes and try again.",
        "rate_limited": "That was too often. Please wait a little and try again.",
        "username_taken": "A user with that username already exists.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return may_sign_up(request)

    def save_user(
        self, request: HttpRequest, user: User, form: forms.BaseForm, commit: bool = True
    ) -> User:
        """Make the account, and use up the invitation: of two who use one at once, one gets in."""
        with transaction.atomic():
            super().save_user(request, user, form, commit=commit)
            if not claim_place(request, user):
                transaction.set_rollback(True)
                raise ImmediateHttpResponse(
                    render(request, "account/invitation_gone.html", status=410)
                )
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Attempts were counted by the form."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(address_of(request) or NOBODY)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        words = message or WORDS.get(message_template or "", "").format_map(message_context or {})
        if words:
            messages.add_message(request, level, words, extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Have a mail sent by a worker: nobody waits for a mail server."""
        about = {
            "request": self.request,
            "email": email,
            "current_site": get_current_site(self.request),
            **context,
        }
        mail = self.render_mail(template_prefix, email, about)
        post_mail(to=email, subject=mail.subject, body=str(mail.body))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are kept sealed, as keys of servers are."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right. A new one comes every half a minute, and each "
        "works once.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
        except UnreadableKey:  # kept under another SECRET_KEY: no code fits any more
            return ""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Lectern"}

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        return "My passkey"
