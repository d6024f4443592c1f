"""Links by which a person chooses a new password: by mail, or from an administrator."""

from __future__ import annotations

import structlog
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from .models import User

log = structlog.get_logger(__name__)


def reset_path(user: User) -> str:
    """Return the path of a link for a new password.

    It works once, for PASSWORD_RESET_TIMEOUT, and until the person signs in.
    """
    ids = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=ids)


def mail_reset_link(*, address: str, site: str) -> None:
    """Send a link to whoever confirmed this address; nobody else is written to."""
    confirmed = EmailAddress.objects.filter(email=address, verified=True, user__is_active=True)
    found = confirmed.select_related("user").first()
    if found is None:
        log.info("reset_link.unknown_address")
        return
    about = {
        "site": site,
        "username": found.user.get_username(),
        "link": site.rstrip("/") + reset_path(found.user),
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    body = render_to_string("account/email/reset_link.txt", about)
    send_mail("A new password for Lectern", body, None, [found.email])
    log.info("reset_link.sent", user=found.user.pk)
