"""A link that signs the first person of an installation in, once, in place of a first password."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from ..models import User

FIRST_USER = "reader"
PURPOSE = "lectern.first-sign-in"


def link_path() -> str:
    """Return the path of the link; empty once it was used, or somebody else looks after it all."""
    user = _waiting()
    return reverse("first_sign_in", args=[_token(user)]) if user else ""


def use_link(token: str) -> User | None:
    """Return whom the link signs in. Of two who use it at once, one gets in."""
    user = _waiting()
    if user is None or not constant_time_compare(_token(user), token):
        return None
    taken = User.objects.filter(pk=user.pk, last_login=None).update(last_login=timezone.now())
    return user if taken else None


def _waiting() -> User | None:
    """Return the first person, who has no password and never signed in."""
    user = User.objects.filter(username=FIRST_USER, last_login=None, is_active=True).first()
    return user if user and not user.has_usable_password() else None


def _token(user: User) -> str:
    # A password that cannot be used is a random one: another installation's link is another.
    value = f"{user.pk}:{user.password}"
    return salted_hmac(PURPOSE, value, algorithm="sha256").hexdigest()[:40]
